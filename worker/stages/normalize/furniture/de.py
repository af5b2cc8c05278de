"""German."""

from worker.stages.normalize.furniture.phrases import Phrases

PHRASES = Phrases(
    comments="""
kommentar schreiben | schreiben sie einen kommentar | schreibe einen kommentar | kommentar verfassen
kommentar hinterlassen | hinterlassen sie einen kommentar | kommentar abschicken | antwort hinterlassen
ihre e-mail-adresse wird nicht veröffentlicht | deine e-mail-adresse wird nicht veröffentlicht
erforderliche felder sind mit | antwort abbrechen | melden sie sich an, um zu kommentieren
kommentare geschlossen | die kommentarfunktion ist geschlossen | alle kommentare anzeigen | kommentare anzeigen
diskutieren sie mit | jetzt kommentieren | artikel kommentieren | leserkommentare
""",
    related="""
ähnliche artikel | verwandte artikel | verwandte themen | passende artikel | weitere artikel | weitere themen
weitere nachrichten | weitere meldungen | mehr zum thema | zum thema | mehr aus | mehr von | auch interessant
das könnte sie auch interessieren | das könnte dich auch interessieren | könnte sie auch interessieren
lesen sie auch | meistgelesen | meistgelesene artikel | meist gelesen | am meisten gelesen | beliebte artikel
neueste artikel | neueste nachrichten | aktuelle nachrichten | aktuelle meldungen | empfohlen | empfehlungen
empfehlungen der redaktion | unsere empfehlungen | nicht verpassen | top-themen | topthemen | top themen
im fokus | vorheriger artikel | nächster artikel | vorheriger beitrag | nächster beitrag
anzeigen und empfehlungen | schlagzeilen
""",
    labels="""
lesen sie auch | lies auch | mehr zum thema | mehr dazu | siehe auch | lesen sie hier | auch interessant
hintergrund | kommentar | interview | lesetipp | video | podcast
""",
    read_on="""
weiterlesen | weiter lesen | mehr lesen | zum artikel | ganzen artikel lesen | den ganzen artikel lesen
vollständigen artikel lesen | lesen sie den ganzen artikel | lesen sie weiter | lesen sie mehr
zum vollständigen artikel | artikel weiterlesen | jetzt weiterlesen | den vollständigen artikel lesen
hier weiterlesen
""",
    furniture="""
teilen | auf facebook teilen | auf twitter teilen | auf x teilen | per whatsapp teilen | per mail teilen
per e-mail teilen | artikel teilen | beitrag teilen | diesen artikel teilen | weiterempfehlen | twittern
drucken | artikel drucken | per e-mail versenden | e-mail | versenden | link kopieren | link kopiert | merken
merkliste | auf die merkliste | speichern | folgen | folgen sie uns | folgen sie uns auf | folge uns | anzeige
werbung | anzeigen | gesponsert | advertorial | abo | abonnieren | jetzt abonnieren | abonnement | abo-shop
newsletter | newsletter abonnieren | newsletter bestellen | zum newsletter anmelden | anmelden | abmelden
registrieren | jetzt registrieren | einloggen | ausloggen | login | mein konto | benutzername | passwort
passwort vergessen | konto erstellen | bereits abonnent | jetzt testen | spenden | unterstützen sie uns
akzeptieren | alle akzeptieren | cookies akzeptieren | ablehnen | alle ablehnen | zustimmen | einstellungen
cookie-einstellungen | cookie-richtlinie | cookies | datenschutz | datenschutzerklärung
datenschutzeinstellungen | impressum | agb | nutzungsbedingungen | alle rechte vorbehalten | kontakt | über uns
mediadaten | werben | karriere | jobs | stellenmarkt | redaktion | leserbriefe | hilfe | menü | menü öffnen
menü schließen | suche | suchen | schließen | zum inhalt springen | zum hauptinhalt springen
zur navigation springen | nach oben | zum seitenanfang | mehr anzeigen | mehr laden | alle anzeigen
weitere anzeigen | mehr | weiter | zurück | vorherige | nächste | startseite | übersicht | sitemap
schlagwörter | stichwörter | themen | kategorien | tags | min. lesezeit | minuten lesezeit | lesezeit
lesedauer | aktualisiert | aktualisiert am | veröffentlicht | veröffentlicht am | stand | zuletzt aktualisiert
vorlesen | artikel anhören | artikel vorlesen | anhören | video | videos | bilder | fotos | bildergalerie
fotostrecke | foto | bild | bildunterschrift | live | liveticker | app herunterladen | e-paper | epaper
zur person | über den autor | zum autor | gefällt mir | kommentare | kommentar | kommentieren | antworten
aufrufe | fehler gefunden | fehler melden | quelle
""",
    openers="""
abonnieren sie unseren | abonnieren sie den | abonniere unseren | melden sie sich für | melden sie sich hier
folgen sie uns auf | folgen sie uns bei | jetzt kostenlos | jetzt newsletter | lesen sie jetzt | sie möchten
diese website verwendet cookies | diese webseite verwendet cookies | wir verwenden cookies | wir nutzen cookies
mit ihrer zustimmung | durch die nutzung | durch klicken auf | klicken sie hier | hier klicken
laden sie unsere app | erhalten sie täglich | die wichtigsten nachrichten direkt | schlagwörter: | stichwörter:
themen: | kategorien: | alle rechte vorbehalten | © 20 | lesezeit: | aktualisiert: | stand: | veröffentlicht:
teilen: | teilen mit: | gefällt mir: | ihre e-mail-adresse | alle beiträge von | mehr von diesem autor
""",
    navigation="""
nachrichten | politik | inland | ausland | deutschland | österreich | schweiz | international | welt
wirtschaft | finanzen | börse | sport | fußball | bundesliga | kultur | gesellschaft | panorama | meinung
wissenschaft | wissen | gesundheit | technik | digital | netzwelt | reise | auto | mobilität | karriere
bildung | geschichte | regional | lokales | region | stadt | leben | stil | genuss | unterhaltung | promis
stars | tv | kino | musik | wetter | horoskop | verbraucher | immobilien | unternehmen | medien | klima | umwelt
europa | archiv
""",
    home="""
startseite | start | home
""",
    counted="""
kommentar | kommentare | mal geteilt | geteilt | aufrufe | antworten | lesermeinungen | min. lesezeit | min
likes
""",
    bylines="""
von | ein artikel von | ein beitrag von | eine analyse von | ein kommentar von | text von | autor
""",
    dates="""
veröffentlicht | veröffentlicht am | aktualisiert | aktualisiert am | stand | zuletzt aktualisiert | erstellt
datum
""",
)
