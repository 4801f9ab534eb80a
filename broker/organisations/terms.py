"""Terms of service: their hash, and the text that an organisation starts with (Q8, Art. 5: own device, own back-ups)."""

from typing import Final

from protocol.text import b64url, lv, sha256


def terms_sha256(version: int, es: str, en: str) -> str:
    """What an agent's build pins and its customer accepts: SHA-256 over both languages, base64url."""
    return b64url(sha256(lv("relevo-terms-1", str(version), es, en)))


DEFAULT_ES: Final = """\
Condiciones del servicio de soporte remoto

1. Qué es. A petición suya, un técnico se conecta a este equipo para ayudarle. La conexión existe solo mientras usted tiene \
abierto este programa, y solo con el ID y la contraseña que aparecen en él y que usted mismo comunica al técnico.

2. Usted decide. Antes de que el técnico vea nada, el programa le muestra quién pide entrar, para qué servicio y a qué precio, y \
espera su respuesta. Puede conceder solo la vista o también el control, retirarlo cuando quiera y cortar la conexión en cualquier \
momento con el botón «Desconectar».

3. Su equipo. Usted declara que el equipo es suyo o que está autorizado a permitir el acceso a él, y responde de los programas y \
datos que contiene y de sus licencias.

4. Sus copias de seguridad. Antes de la sesión, guarde una copia de seguridad de sus datos. El proveedor no responde de la pérdida de \
datos que no tuvieran copia.

5. Confidencialidad. La conexión va cifrada de extremo a extremo entre su equipo y el técnico; el servidor del proveedor no puede \
leerla. Cierre antes lo que no quiera mostrar.

6. Registro y precio. Se registran la hora, la duración, el técnico, el servicio y su consentimiento, sin el contenido de la \
pantalla. El precio, si lo hay, se le muestra antes de aceptar; el tiempo en que la conexión está interrumpida no se cobra.

7. Requisitos. Hace falta una conexión de banda ancha; el programa la mide antes de mostrar el ID.

8. Sospechas. Si cree que alguien ha usado mal este servicio, comuníquelo desde el programa o desde la página de avisos del proveedor.
"""

DEFAULT_EN: Final = """\
Terms of the remote support service

1. What it is. At your request, a technician connects to this computer to help you. The connection exists only while you keep this \
program open, and only with the ID and the password that it shows and that you yourself tell the technician.

2. You decide. Before the technician sees anything, the program shows you who asks to enter, for which service and at what price, and \
waits for your answer. You can grant the view alone or control as well, take it back whenever you like, and cut the connection at any \
moment with the “Disconnect” button.

3. Your device. You declare that the computer is yours or that you are authorised to let others into it, and you answer for the \
programs and data on it and for their licences.

4. Your back-ups. Before the session, make a back-up of your data. The provider does not answer for the loss of data of which there was \
no copy.

5. Confidentiality. The connection is encrypted from end to end between your computer and the technician; the provider's server cannot \
read it. First close whatever you do not want to show.

6. Log and price. The time, the duration, the technician, the service and your consent are logged, without the content of the screen. The \
price, if there is one, is shown to you before you agree; time in which the connection is interrupted is not charged.

7. Requirements. A broadband connection is needed; the program measures it before it shows the ID.

8. Suspicions. If you believe that someone has misused this service, report it from the program or from the provider's report page.
"""
