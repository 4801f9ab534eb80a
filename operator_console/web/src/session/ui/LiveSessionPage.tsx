export function LiveSessionPage() {
  return null;
}
