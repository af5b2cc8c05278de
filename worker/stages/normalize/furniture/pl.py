"""Polish."""

from worker.stages.normalize.furniture.phrases import Phrases

PHRASES = Phrases(
    comments="""
dodaj komentarz | napisz komentarz | zostaw komentarz | skomentuj | twój adres e-mail nie zostanie opublikowany
wymagane pola są oznaczone | anuluj pisanie odpowiedzi | zaloguj się, aby komentować | komentarze wyłączone
możliwość komentowania została wyłączona | zobacz komentarze | pokaż komentarze
bądź pierwszy, który skomentuje
""",
    related="""
powiązane artykuły | podobne artykuły | powiązane tematy | powiązane | czytaj także | czytaj też
czytaj również | przeczytaj także | przeczytaj również | zobacz także | zobacz też | zobacz również
najczęściej czytane | najpopularniejsze | popularne | najnowsze | najnowsze wiadomości | ostatnie wiadomości
więcej na ten temat | więcej o | więcej z | polecane | polecane artykuły | polecamy | może cię zainteresować
warto przeczytać | nie przegap | poprzedni artykuł | następny artykuł | na topie | inne artykuły
""",
    labels="""
czytaj także | czytaj też | czytaj również | przeczytaj także | przeczytaj też | zobacz także | zobacz też
zobacz również | czytaj więcej | więcej | zobacz
""",
    read_on="""
czytaj dalej | czytaj więcej | czytaj całość | przeczytaj całość | cały artykuł | przeczytaj cały artykuł
czytaj cały artykuł | dowiedz się więcej | kontynuuj czytanie
""",
    furniture="""
udostępnij | udostępnij na facebooku | udostępnij na twitterze | podziel się | podziel się na facebooku
tweetnij | drukuj | wydrukuj | wyślij | wyślij e-mailem | e-mail | kopiuj link | skopiuj link | skopiowano link
zapisz | obserwuj | obserwuj nas | śledź nas | reklama | ogłoszenia | artykuł sponsorowany
materiał sponsorowany | dalsza część artykułu pod reklamą | dalszy ciąg materiału pod wideo | subskrybuj
prenumerata | newsletter | zapisz się | zapisz się na newsletter | zaloguj się | zaloguj | wyloguj
zarejestruj się | rejestracja | moje konto | hasło | zapomniałeś hasła | akceptuję | akceptuj wszystkie
zgadzam się | odrzuć | odrzuć wszystkie | ustawienia cookies | ustawienia plików cookie | polityka cookies
polityka prywatności | prywatność | regulamin | wszelkie prawa zastrzeżone | o nas | kontakt | redakcja | praca
kariera | mapa strony | menu | szukaj | wyszukaj | zamknij | przejdź do treści | do góry | na górę
pokaż więcej | załaduj więcej | zobacz więcej | zobacz wszystkie | wszystkie | następny | następna | poprzedni
poprzednia | wstecz | wróć | tagi | tematy | kategorie | słowa kluczowe | min czytania | minut czytania
czas czytania | aktualizacja | zaktualizowano | opublikowano | data publikacji | posłuchaj | posłuchaj artykułu
wideo | zdjęcia | zdjęcie | galeria | na żywo | pobierz aplikację | o autorze | autor | lubię to | komentarze
komentarz | odpowiedz | wyświetlenia | zgłoś błąd | źródło
""",
    openers="""
zapisz się na | zapisz się do | subskrybuj nasz | obserwuj nas na | śledź nas na | dołącz do nas | polub nas na
otrzymuj najnowsze | zaloguj się, aby | ta strona używa | ta strona wykorzystuje | ta witryna używa
używamy plików cookie | nasza strona używa | klikając | kliknij tutaj | kontynuując | pobierz naszą aplikację
tagi: | tematy: | kategorie: | wszelkie prawa zastrzeżone | © 20 | czas czytania: | aktualizacja:
opublikowano: | data publikacji: | udostępnij: | twój adres e-mail | źródło zdjęcia | dalszy ciąg artykułu
masz dla nas temat
""",
    navigation="""
wiadomości | polska | kraj | świat | polityka | biznes | gospodarka | finanse | sport | piłka nożna | kultura
społeczeństwo | opinie | nauka | technologie | zdrowie | podróże | motoryzacja | edukacja | prawo | media
regiony | warszawa | kraków | wrocław | rozrywka | film | muzyka | książki | moda | kuchnia | dom
nieruchomości | praca | pogoda | horoskop | felietony | wywiady | europa
""",
    home="""
strona główna | start | home
""",
    counted="""
komentarz | komentarze | komentarzy | udostępnień | wyświetleń | odsłon | min czytania | min
""",
    bylines="""
autor | autor: | tekst: | opracował | opracowała | oprac.
""",
    dates="""
opublikowano | aktualizacja | data publikacji | zaktualizowano | dodano
""",
)
