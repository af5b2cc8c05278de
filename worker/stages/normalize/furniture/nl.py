"""Dutch."""

from worker.stages.normalize.furniture.phrases import Phrases

PHRASES = Phrases(
    comments="""
laat een reactie achter | geef een reactie | plaats een reactie | reageer op dit artikel | reactie plaatsen
schrijf een reactie | je e-mailadres wordt niet gepubliceerd | het e-mailadres wordt niet gepubliceerd
vereiste velden zijn gemarkeerd | reactie annuleren | log in om te reageren | reacties gesloten
bekijk reacties | praat mee
""",
    related="""
gerelateerde artikelen | gerelateerd nieuws | gerelateerd | meer nieuws | meer over | meer over dit onderwerp
meest gelezen | laatste nieuws | net binnen | lees ook | lees ook: | bekijk ook | ook interessant | aanbevolen
aanbevolen voor jou | anderen lazen ook | niet te missen | vorig artikel | volgend artikel | uitgelicht
populair | meer uit
""",
    labels="""
lees ook | bekijk ook | zie ook | lees meer | luister ook | meer over
""",
    read_on="""
lees verder | verder lezen | lees meer | lees het volledige artikel | lees het hele artikel
lees het hele verhaal | volledig artikel | doorlezen
""",
    furniture="""
delen | deel | deel dit artikel | deel op facebook | deel op twitter | deel via whatsapp | deel via e-mail
tweet | printen | afdrukken | e-mail | mail | kopieer link | link gekopieerd | bewaren | bewaar artikel
opslaan | volg ons | volg ons op | advertentie | advertenties | gesponsord | abonneren | abonneer | word abonnee
abonnement | abonnementen | neem een abonnement | nieuwsbrief | nieuwsbrieven | schrijf je in | inschrijven
aanmelden | inloggen | uitloggen | registreren | mijn account | wachtwoord | wachtwoord vergeten | accepteren
alles accepteren | cookies accepteren | weigeren | cookie-instellingen | cookiebeleid | cookies | privacy
privacybeleid | privacyverklaring | privacy statement | algemene voorwaarden | disclaimer
alle rechten voorbehouden | over ons | contact | adverteren | vacatures | werken bij | colofon | klantenservice
menu | zoeken | zoek | sluiten | ga naar de inhoud | direct naar de inhoud | naar boven | terug naar boven
toon meer | laad meer | bekijk alles | bekijk meer | meer laden | volgende | vorige | terug | sitemap | tags
onderwerpen | categorieën | trefwoorden | min leestijd | minuten leestijd | leestijd | bijgewerkt
laatste update | gepubliceerd | gepubliceerd op | aangepast | luister | beluister dit artikel | video | video's
foto's | foto | beeld | live | download de app | over de auteur | redactie | reacties | reageren | reageer
antwoorden | fout gezien | fout melden | bron
""",
    openers="""
meld je aan voor | schrijf je in voor | abonneer je op | volg ons op | ontvang onze | ontvang dagelijks
ontvang het laatste nieuws | log in om | deze website gebruikt cookies | deze site gebruikt cookies
wij gebruiken cookies | we gebruiken cookies | door op | klik hier om | klik hier voor | download onze app
tags: | onderwerpen: | alle rechten voorbehouden | © 20 | leestijd: | bijgewerkt: | gepubliceerd: | delen:
deel dit: | je e-mailadres | fout gezien? | wilt u reageren
""",
    navigation="""
nieuws | binnenland | buitenland | politiek | economie | sport | voetbal | cultuur | wetenschap | tech
gezondheid | opinie | columns | regio | lokaal | media | geld | wonen | reizen | auto | showbizz | entertainment
muziek | film | boeken | eten | stijl | weer | verkeer | puzzels | columnisten | achtergrond | wereld | europa
nederland | belgië
""",
    home="""
home | voorpagina | startpagina
""",
    counted="""
reactie | reacties | keer gedeeld | weergaven | min leestijd | min
""",
    bylines="""
door | geschreven door | tekst
""",
    dates="""
gepubliceerd | gepubliceerd op | bijgewerkt | laatste update | aangepast
""",
)
