// The smallest honest pairing relay on `ws`: two sockets with the same ?id= are joined, and each is read no faster than
// the other takes.  node ws_relay.js PORT
const { WebSocketServer } = require('ws');

const AHEAD = 256 * 1024; // bytes that may wait for a reader before its sender is not read any more
const waiting = new Map();
const server = new WebSocketServer({ host: '127.0.0.1', port: Number(process.argv[2]), perMessageDeflate: false });

server.on('connection', (socket, request) => {
  const id = new URL(request.url, 'http://localhost').searchParams.get('id');
  const first = waiting.get(id);
  if (first === undefined) {
    waiting.set(id, socket);
    socket.pause();
    return;
  }
  waiting.delete(id);
  join(first, socket);
  join(socket, first);
  first.resume();
});

function join(from, to) {
  from.on('message', (data, isBinary) => {
    to.send(data, { binary: isBinary }, () => {
      if (from.isPaused && to.bufferedAmount < AHEAD) from.resume();
    });
    if (to.bufferedAmount >= AHEAD) from.pause();
  });
  from.on('close', () => to.close());
  from.on('error', () => to.terminate());
}
