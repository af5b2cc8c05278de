"""Italian."""

from worker.stages.normalize.furniture.phrases import Phrases

PHRASES = Phrases(
    comments="""
lascia un commento | lascia una risposta | scrivi un commento | aggiungi un commento | commenta | invia commento
pubblica commento | il tuo indirizzo email non sarà pubblicato | i campi obbligatori sono contrassegnati
annulla risposta | accedi per commentare | effettua il login per commentare | i commenti sono chiusi
vedi i commenti | leggi i commenti | sii il primo a commentare | salva il mio nome
""",
    related="""
articoli correlati | notizie correlate | articoli simili | contenuti correlati | potrebbe interessarti
potrebbe interessarti anche | ti potrebbe interessare | ti potrebbero interessare | potrebbero interessarti
leggi anche | vedi anche | i più letti | le più lette | i più visti | più letti | ultime notizie | ultim'ora
altre notizie | altri articoli | altro su | in evidenza | consigliati | consigliati per te | da non perdere
articolo precedente | articolo successivo | prossimo articolo | dello stesso autore | in primo piano
contenuti sponsorizzati | tendenze
""",
    labels="""
leggi anche | leggi pure | vedi anche | guarda anche | leggi | approfondisci | per approfondire | guarda
ascolta | da leggere
""",
    read_on="""
continua a leggere | continua la lettura | leggi tutto | leggi di più | leggi l'articolo completo
leggi l’articolo completo | leggi l'articolo | leggi l’articolo | leggi la notizia completa
leggi l'articolo intero | prosegui la lettura | continua
""",
    furniture="""
condividi | condividi su facebook | condividi su twitter | condividi su whatsapp | condividi via email
condividi questo articolo | condividi l'articolo | condividi l’articolo | condividi articolo | twitta | stampa
invia per email | email | invia | copia link | link copiato | salva | salva articolo | seguici | seguici su
seguici sui social | segui | pubblicità | annuncio | annunci | contenuto sponsorizzato | sponsorizzato
continua dopo la pubblicità | abbonati | abbonati ora | abbonamento | abbonamenti | riservato agli abbonati
newsletter | iscriviti | iscriviti alla newsletter | iscriviti ora | registrati | accedi | esci | il mio account
area riservata | password | password dimenticata | nome utente | crea un account | sei già abbonato | sostienici
dona ora | accetta | accetta tutti | accetta tutto | accetta i cookie | rifiuta | rifiuta tutti | rifiuta tutto
gestisci cookie | impostazioni cookie | preferenze cookie | cookie policy | informativa sui cookie | cookie
privacy | privacy policy | informativa sulla privacy | note legali | termini e condizioni | condizioni d'uso
tutti i diritti riservati | riproduzione riservata | © riproduzione riservata | riproduzione riservata ©
riproduzione riservata © copyright ansa | copyright ansa | chi siamo | contatti | contattaci
pubblicità su questo sito | lavora con noi | redazione | la redazione | menu | cerca | ricerca | chiudi
apri il menu | vai al contenuto | salta al contenuto | torna su | torna all'inizio | mostra altro
mostra di più | vedi tutti | vedi tutto | vedi altro | carica altro | successivo | precedente | avanti
indietro | homepage | mappa del sito | tag | argomenti | temi | categorie | min di lettura | minuti di lettura
tempo di lettura | lettura | aggiornato | aggiornato il | pubblicato | pubblicato il | ultimo aggiornamento
ultima modifica | ascolta | ascolta l'articolo | ascolta questo articolo | video | foto | galleria | fotogallery
immagine | didascalia | diretta | in diretta | scarica l'app | scarica l’app | edizione cartacea | edicola
sull'autore | informazioni sull'autore | mi piace | commenti | commento | rispondi | risposte | visualizzazioni
segnala un errore | fonte
""",
    openers="""
iscriviti alla | iscriviti al | iscriviti per | abbonati a | abbonati per | seguici su | seguici anche su
segui il nostro canale | unisciti al nostro | ricevi le notizie | ricevi ogni | ricevi la newsletter
registrati per | accedi per | questo sito utilizza | questo sito usa | utilizziamo i cookie | usiamo i cookie
utilizziamo cookie | cliccando su | clicca qui | continuando a navigare | scarica la nostra app
sei già abbonato? | tag: | argomenti: | categorie: | pubblicato in: | tutti i diritti riservati
riproduzione riservata | © riproduzione | © 20 | tempo di lettura: | aggiornato il: | condividi: | mi piace:
il tuo indirizzo | tutti gli articoli di
leggi di più su: | ricevi ogni
""",
    navigation="""
notizie | italia | mondo | esteri | politica | economia | finanza | cronaca | sport | calcio | serie a | cultura
spettacoli | spettacolo | società | opinioni | tecnologia | scienza | scienze | salute | viaggi | ambiente
scuola | motori | moda | cucina | cinema | musica | libri | regioni | città | roma | milano | napoli | torino
lavoro | imprese | mercati | borsa | meteo | oroscopo | blog | rubriche | interviste | editoriali | lettere
europa
""",
    home="""
home | homepage | prima pagina
""",
    counted="""
commento | commenti | condivisioni | visualizzazioni | mi piace | min di lettura | letture
""",
    bylines="""
di | a cura di | scritto da | testo di | articolo di
""",
    dates="""
pubblicato | pubblicato il | aggiornato | aggiornato il | ultimo aggiornamento | ultima modifica | data
""",
)
