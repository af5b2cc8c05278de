"""Spanish."""

from worker.stages.normalize.furniture.phrases import Phrases

PHRASES = Phrases(
    comments="""
deja un comentario | deja una respuesta | dejar un comentario | deja tu comentario | escribe un comentario
publicar comentario | enviar comentario | tu dirección de correo electrónico no será publicada
los campos obligatorios están marcados | cancelar respuesta | inicia sesión para comentar
debes iniciar sesión para comentar | debes estar conectado para publicar un comentario | comentarios cerrados
los comentarios están cerrados | ver comentarios | por favor ingrese su comentario
por favor ingrese su nombre aquí | guardar mi nombre, correo electrónico | sé el primero en comentar
normas de comentarios
""",
    related="""
noticias relacionadas | artículos relacionados | notas relacionadas | contenido relacionado | temas relacionados
relacionadas | relacionados | relacionado | más noticias | más leídas | más leídos | lo más leído | lo más visto
las más leídas | más de | más sobre | también te puede interesar | te puede interesar | te podría interesar
quizás te interese | no te pierdas | últimas noticias | lo último | le puede interesar | recomendados
recomendado | te recomendamos | artículo anterior | artículo siguiente | nota anterior | siguiente nota
siguiente artículo | noticia anterior | noticia siguiente | en portada | tendencias | destacados
seguir leyendo otras noticias
""",
    labels="""
lea también | lee también | leer también | lea además | lee además | lea más | lee más | leer más
le puede interesar | te puede interesar | vea también | ver también | mira también | mire también | relacionado
más información | además | no te pierdas
""",
    read_on="""
leer más | lea más | lee más | leer la nota completa | leer nota completa | leer artículo completo
leer el artículo completo | lea el artículo completo | leer la noticia completa | leer la historia completa
sigue leyendo | seguir leyendo | siga leyendo | continuar leyendo | continúe leyendo | ver nota completa
leer completo | lea la nota completa | lea la historia completa | nota completa
""",
    furniture="""
compartir | comparte | compartir en facebook | compartir en twitter | compartir en whatsapp
comparte esta noticia | compartir por correo electrónico | compartir artículo | compartir noticia | compártelo
tuitear | imprimir | enviar por correo | correo electrónico | enviar | copiar enlace | enlace copiado | guardar
guardar artículo | síguenos | síguenos en | síguenos en google news | síguenos en redes sociales
redes sociales | publicidad | anuncio | anuncios | contenido patrocinado | patrocinado
la noticia continúa después de la publicidad | sigue después de la publicidad
continúa después de la publicidad | suscríbete | suscríbase | suscribirse | suscripción | suscripciones
boletín | boletines | newsletter | suscríbete a nuestro boletín | suscríbete a nuestra newsletter | regístrate
registrarse | iniciar sesión | inicia sesión | cerrar sesión | mi cuenta | contraseña | usuario | crear cuenta
hazte socio | aceptar | aceptar cookies | aceptar todas | rechazar | rechazar todas | configurar cookies
configuración de cookies | política de cookies | uso de cookies | cookies | aviso legal | política de privacidad
privacidad | términos y condiciones | términos de uso | condiciones de uso | todos los derechos reservados
derechos reservados | quiénes somos | contacto | contáctenos | contáctanos | publicidad con nosotros | anúnciese
trabaja con nosotros | código de ética | menú | buscar | búsqueda | cerrar | abrir menú | ir al contenido
saltar al contenido | volver arriba | ver más | ver todo | ver todos | mostrar más | cargar más | siguiente
anterior | volver | inicio | portada | mapa del sitio | etiquetas | temas | categorías | archivado en
archivado en: | min de lectura | minutos de lectura | tiempo de lectura | actualizado | publicado | publicado el
última actualización | escuchar | escuchar noticia | escucha este artículo | video | videos | vídeo | vídeos
fotos | galería | fotogalería | foto | imagen | en vivo | en directo | descarga la app | descargar app
edición impresa | hemeroteca | sobre el autor | acerca del autor | redacción | me gusta | comentarios | comentar
responder | vistas | correcciones | reportar un error
""",
    openers="""
suscríbete a | suscríbase a | síguenos en | síguenos también en | sigue toda la información
únete a nuestro canal | únase a nuestro | regístrate para | regístrate gratis | inicia sesión para
recibe nuestras noticias | recibe las noticias | recibe en tu correo | recibe nuestro boletín
este sitio utiliza cookies | este sitio web utiliza cookies | utilizamos cookies | usamos cookies
al suscribirte | al hacer clic | haz clic aquí | haga clic aquí | descarga nuestra app | etiquetas: | temas:
archivado en: | publicado en: | todos los derechos reservados | © 20 | tiempo de lectura: | actualizado:
publicado: | última actualización: | comparte esto: | compartir: | me gusta esto: | tu dirección de correo
ver todas las entradas de | más noticias de
reciba cada | recibe cada | reciba las noticias | recibe las noticias | más sobre: | ver más sobre
""",
    navigation="""
noticias | nacional | nacionales | internacional | internacionales | mundo | política | economía | negocios
deportes | fútbol | cultura | espectáculos | entretenimiento | sociedad | opinión | tecnología | ciencia | salud
estilo de vida | viajes | sucesos | policiales | américa latina | españa | méxico | argentina | colombia
venezuela | perú | chile | finanzas | mercados | columnas | editorial | tendencias | educación | medio ambiente
gastronomía | moda | loterías | horóscopo | clima | última hora
""",
    home="""
inicio | portada | home | principal
""",
    counted="""
comentario | comentarios | compartidos | compartido | vistas | visitas | me gusta | lecturas | min de lectura
veces compartido
""",
    bylines="""
por | escrito por | texto de | redacción de | redactado por
""",
    dates="""
publicado | actualizado | publicado el | actualizado el | última actualización | creado
""",
)
