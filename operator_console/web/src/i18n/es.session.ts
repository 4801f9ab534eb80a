/** Spanish of the live session; joined into the catalogue by es.ts. */
export const esSession: Readonly<Record<string, string>> = {
  "There is a session in this tab already. End it first.": "Ya hay una sesión en esta pestaña. Termínela antes.",
  "Calling the service …": "Llamando al servicio…",
  "Asking for the customer's computer …": "Buscando el ordenador del cliente…",
  "Checking the password with the customer's computer …": "Comprobando la contraseña con el ordenador del cliente…",
  "The password is right. Building the encrypted channel …": "La contraseña es correcta. Estableciendo el canal cifrado…",
  "Waiting for the customer to agree …": "Esperando a que el cliente acepte…",
  "The line was lost. Connecting again …": "Se ha perdido la conexión. Conectando de nuevo…",
  "The session has ended": "La sesión ha terminado",
  "The ID has {n} digits.": "El ID tiene {n} cifras.",
  "The ID has digits only, no “{symbol}”.": "El ID solo tiene cifras; «{symbol}» no es una.",
  "The password has {n} symbols.": "La contraseña tiene {n} símbolos.",
  "No password has the symbol “{symbol}”. Ask the customer to spell it.":
    "Ninguna contraseña lleva el símbolo «{symbol}». Pida al cliente que la deletree.",
  "For another session the customer reads out the new ID and password.":
    "Para otra sesión, el cliente le dictará el nuevo ID y la nueva contraseña.",
  "The customer disconnected.": "El cliente se ha desconectado.",
  "You ended the session.": "Ha terminado usted la sesión.",
  "The session ended because nothing happened for too long.": "La sesión ha terminado por inactividad.",
  "The session was ended for safety: something on the line was changed or is not what it should be.":
    "La sesión se ha terminado por seguridad: algo en la línea fue alterado o no es lo que debe ser.",
  "If it happens again, tell your administrator: somebody may be interfering.":
    "Si se repite, avise a su administrador: puede que alguien esté interfiriendo.",
  "The line was lost and did not come back in time.": "La conexión se perdió y no volvió a tiempo.",
  "The customer's computer lost the service for too long.":
    "El ordenador del cliente estuvo demasiado tiempo sin conexión con el servicio.",
  "The customer did not agree.": "El cliente no ha aceptado.",
  "Talk to the customer before you ask again.": "Hable con el cliente antes de volver a pedirlo.",
  "The customer did not answer in time.": "El cliente no ha respondido a tiempo.",
  "The service did not record the customer's consent in time.":
    "El servicio no registró a tiempo el consentimiento del cliente.",
  "Try again. If it goes on, tell your administrator.": "Inténtelo de nuevo. Si continúa, avise a su administrador.",
  "The customer closed the program.": "El cliente ha cerrado el programa.",
  "The customer's screen was locked.": "Se ha bloqueado la pantalla del cliente.",
  "The customer's limit was reached, and they did not say to go on.":
    "Se alcanzó el límite que fijó el cliente, y no dijo que se siguiera.",
  "The customer's computer went to sleep.": "El ordenador del cliente ha entrado en suspensión.",
  "Your account was disabled.": "Su cuenta ha sido desactivada.",
  "Ask your administrator.": "Pregunte a su administrador.",
  "You signed out, so the session was ended.": "Ha cerrado su sesión de usuario y por eso ha terminado la conexión.",
  "The pairing failed.": "El emparejamiento ha fallado.",
  "The session is over; the customer's computer did not say why.":
    "La sesión ha terminado; el ordenador del cliente no dijo por qué.",
  "Denied: this ID and password open nothing.": "Denegado: este ID y esta contraseña no abren nada.",
  "Check both with the customer. After three wrong attempts the customer needs a new password.":
    "Compruebe ambos con el cliente. Tras tres intentos fallidos, el cliente necesita una contraseña nueva.",
  "This password has expired.": "Esta contraseña ha caducado.",
  "The customer's window shows a new one.": "La ventana del cliente muestra una nueva.",
  "The customer's computer is in a session already.": "El ordenador del cliente ya está en una sesión.",
  "Wait until it ends.": "Espere a que termine.",
  "Your organisation's rules do not allow this session.": "Las normas de su organización no permiten esta sesión.",
  "The customer's computer does not answer.": "El ordenador del cliente no responde.",
  "Ask whether its window says that it is ready.": "Pregunte si su ventana dice que está listo.",
  "Too many wrong attempts.": "Demasiados intentos fallidos.",
  "Wait some minutes before you try again.": "Espere unos minutos antes de volver a intentarlo.",
  "The customer's program or this page is too old.": "El programa del cliente o esta página son demasiado antiguos.",
  "Reload this page; the customer downloads the program again.":
    "Recargue esta página; el cliente descarga el programa de nuevo.",
  "The customer has been told. The password stays good.": "Se ha avisado al cliente. La contraseña sigue valiendo.",
  "Your organisation does not offer this service.": "Su organización no ofrece este servicio.",
  "Choose another one.": "Elija otro.",
  "The customer's window shows a new password. Ask for it and try again.":
    "La ventana del cliente muestra una contraseña nueva. Pídala e inténtelo de nuevo.",
  "The password is wrong, or somebody on the way changed something.":
    "La contraseña no es correcta, o alguien ha alterado algo por el camino.",
  "The service offered something else than you asked for, so nothing was connected.":
    "El servicio ofreció algo distinto de lo que usted pidió, así que no se ha conectado nada.",
  "Try again. If it happens again, tell your administrator: somebody may be interfering.":
    "Inténtelo de nuevo. Si se repite, avise a su administrador: puede que alguien esté interfiriendo.",
  "The pairing was stopped for safety.": "El emparejamiento se ha detenido por seguridad.",
  "This computer has no network.": "Este ordenador no tiene red.",
  "Check the cable or the wireless connection.": "Compruebe el cable o la conexión inalámbrica.",
  "The service does not answer.": "El servicio no responde.",
  "The Internet seems to work. A firewall, a proxy or the name service may be in the way, or the service is down.":
    "Internet parece funcionar. Puede que lo impida un cortafuegos, un proxy o el DNS, o que el servicio esté caído.",
  "The service answers, but a lasting connection to it is not possible.":
    "El servicio responde, pero no es posible una conexión permanente con él.",
  "A proxy or firewall on your side probably blocks WebSocket connections.":
    "Probablemente un proxy o cortafuegos de su lado bloquea las conexiones WebSocket.",
  "The data connection through the relay could not be made.":
    "No se pudo establecer la conexión de datos a través del repetidor.",
  "A firewall or proxy at one of the two ends may block it.":
    "Puede que la bloquee un cortafuegos o proxy en uno de los dos extremos.",
  "You are not signed in any more.": "Ya no tiene la sesión de usuario iniciada.",
  "Sign in and try again.": "Inicie sesión e inténtelo de nuevo.",
  "Your account may not start sessions from here.": "Su cuenta no puede iniciar sesiones desde aquí.",
  "This session went on in another place with your account.": "Esta sesión continuó en otro lugar con su cuenta.",
  "This page and the service speak different versions.": "Esta página y el servicio son de versiones distintas.",
  "Reload this page.": "Recargue esta página.",
  "The service has too many connections now.": "El servicio tiene ahora demasiadas conexiones.",
  "Try again in a minute.": "Inténtelo de nuevo en un minuto.",
  "The service failed.": "El servicio ha fallado.",
  "The service sent something that makes no sense, so the session was ended for safety.":
    "El servicio envió algo sin sentido y la sesión se ha terminado por seguridad.",
  "Reload this page. If it goes on, tell your administrator.":
    "Recargue esta página. Si continúa, avise a su administrador.",
  "The pairing took too long.": "El emparejamiento ha tardado demasiado.",
  "This page does not know which service it belongs to. Tell your administrator.":
    "Esta página no sabe a qué servicio pertenece. Avise a su administrador.",
  "The customer does not show the screen now.": "El cliente no muestra la pantalla ahora.",
  "There is no session in this tab": "No hay ninguna sesión en esta pestaña",
  "No session": "Sin sesión",
  "Customer's ID": "ID del cliente",
  "Time that counts": "Tiempo que cuenta",
  "Save the log's witness": "Guardar el testigo del registro",
  "New session": "Nueva sesión",
  "Keys go to the customer's computer. Ctrl+Alt+Shift brings you back to the toolbar.":
    "Las teclas van al ordenador del cliente. Ctrl+Alt+Mayús le devuelve a la barra de herramientas.",
  "You can look, not touch.": "Puede mirar, no tocar.",
  "The customer's screen": "La pantalla del cliente",
  "Keyboard of the customer's computer": "Teclado del ordenador del cliente",
  "Waiting for the first picture …": "Esperando la primera imagen…",
  "The customer's screen is locked.": "La pantalla del cliente está bloqueada.",
  "The customer's computer cannot show its screen now.": "El ordenador del cliente no puede mostrar su pantalla ahora.",
  "What the customer allows": "Lo que permite el cliente",
  Screen: "Pantalla",
  Fit: "Ajustar",
  "Full screen": "Pantalla completa",
  "End session": "Terminar sesión",
  allowed: "permitido",
  "not allowed": "no permitido",
  "Round trip through the encrypted channel": "Ida y vuelta por el canal cifrado",
  "Data coming in": "Datos recibidos",
  "Pictures per second": "Imágenes por segundo",
  Keys: "Teclas",
  "Connecting to {id}": "Conectando con {id}",
  "The customer sees": "El cliente ve",
  "Their window asks now. Tell the customer to look at it and click.":
    "Su ventana lo pregunta ahora. Diga al cliente que la mire y pulse.",
  "Time left to answer": "Tiempo que queda para responder",
};
