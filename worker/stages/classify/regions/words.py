"""Words beside a name that say whether it is a place, a person or a paper. English, and what others share with it."""

from __future__ import annotations

# A name after one of these is a person, a saint, a ship or a fort.
_TITLES = """
mr mrs ms miss dr sen rep gov president vice judge justice sir lord lady prof professor rev reverend pope saint st
san santa santo sao fort mount mt camp king queen prince princess captain capt sgt sergeant lt lieutenant col colonel
gen general maj major officer detective sheriff deputy coach chief chairman chairwoman secretary minister senator
congressman congresswoman representative governor mayor attorney uncle aunt brother sister father señor señora
sr sra don doña monsieur madame mme herr frau signor signora pan pani dom rabbi imam sheikh inspector constable
corporal cpl private pvt pfc commissioner councilman councilwoman councillor principal pastor bishop archbishop
cardinal actor actress singer rapper quarterback pitcher striker midfielder defender goalkeeper guard forward
hurricane storm typhoon cyclone uss hms lake
"""
TITLES = frozenset(_TITLES.split())

# A place after "of" and one of these is in a person's title; a bishop's or a mayor's is where they are.
PEERS = frozenset("duke duchess earl marquess marquis viscount viscountess countess baron baroness".split())

# A name before one of these is a paper, a club or a company.
_PAPERS = """
times post herald tribune gazette globe journal chronicle inquirer star sun observer telegraph mirror mail express
guardian independent examiner dispatch courier ledger sentinel register bee enquirer advocate advertiser standard
record reporter magazine weekly monthly review online press today plain-dealer daily insider bugle
avenue ave street st road rd boulevard blvd drive lane court place terrace square plaza mall hotel inn restaurant
inc corp ltd plc llc co corporation company companies incorporated holdings group industries partners capital
elementary middle high prep preparatory academy lodge cottage house
"""
PAPERS = frozenset(_PAPERS.split())

# What a long name ends in that stands at the place it begins with: "Houston Methodist Hospital".
SEATED = frozenset(
    """university college hospital society institute museum council court department police authority commission
    library cathedral church airport theatre theater""".split()
)

# A name before one of these is a street or a school, a country's as well.
STREETS = frozenset("avenue ave street st road rd boulevard blvd lane elementary".split())
# A name after one of these is a ship's, after "of" and one of `WATERS` a sea's.
SHIPS = frozenset(
    """battleship battlecruiser cruiser frigate destroyer submarine carrier warship corvette minesweeper ferry tanker
    freighter trawler schooner liner steamer yacht vessel""".split()
)
WATERS = frozenset("gulf sea bay strait straits".split())

# Capitalised words beside a name that leave it a place.
_BESIDE = """
the a an in at of from to near for on by with and or but as than that this while when where after before since
until over under about into outside inside across around between through is was were are has had his her its their
our your my if not no it he she they we you i so yet here there then also both most some many all new old now
north south east west northern southern eastern western central northeast northwest southeast southwest downtown
upper lower greater inner outer mid metro metropolitan suburban rural urban
city town village county parish province state region district valley island islands river bay beach coast harbor
harbour port airport university college hospital police council court authority government parliament assembly
senate stock exchange school schools stadium zoo museum cathedral church mosque convention center centre area
fire department public tech republicans democrats legislature statehouse
city's county's residents resident mayor governor prosecutors prosecutor officials
summit conference talks agreement deal embassy consulate ambassador bureau office base prison jail campus olympics
games marathon festival film derby open grand masters championship monday tuesday wednesday thursday friday
saturday sunday january february march april may june july august september october november december jan feb mar
apr jun jul aug sep sept oct nov dec am pm ap afp reuters upi dpa bloomberg photo file
de la le les el los las y e et und der die das den dem im am von zu in aus bei nach nel nella di da del do dos na
valisi valiliği belediyesi belediye büyükşehir üniversitesi emniyet eyaleti
gubernur bupati wali walikota kota kabupaten provinsi kecamatan polda polres universitas bandara pelabuhan gabenor
daerah negeri
à au aux dans chez vers
no ao em para por con desde hasta sobre según w we z ze do od na и в во на из с со по под от до к ко у о об за для
"""
BESIDE = frozenset(_BESIDE.split())

# A demonym before one of these tells the manner of a thing, seldom where it is.
_MANNER = """
language languages lesson lessons translation translations subtitles dictionary grammar speaker speakers speaking
literature teacher teachers class classes accent accents alphabet restaurant restaurants cuisine cooking
pub pubs bakery grocery deli sausage sausages salad bacon toast fries mustard pastry pastries waffle waffles yogurt
dressing coffee delight hound hounds rug rugs roulette doll dolls
shepherd shepherds terrier terriers bulldog bulldogs setter setters retriever retrievers spaniel spaniels mastiff
husky mythology orthodox flu influenza measles encephalitis fever hemorrhagic haemorrhagic
breakfast muffin muffins stew omelette omelet yoghurt meatballs
grippe griep грип грипу грипом грипе грипп гриппа гриппу гриппом гриппе chřipka chřipky chřipku chřipce grypa
grypy grypę grypie gribi gribinin salát salátu salad салат салата салату салаты sałatka sałatki салата
lengua idioma langue sprache lingua taal язык языка языке языком языку языки мова мови мовою мові език езика język
języka języku językiem jazyk jazyka jazyce jezik jezika jeziku dili dilinde
"""
MANNER = frozenset(_MANNER.split())
# The same after a city: "Vienna sausages", "Wellington boots".
GOODS = frozenset(
    """sausage sausages beans sprouts nuts ham cheese bun buns roll rolls cake cakes steak sauce boots shorts
    terrier terriers syndrome sole hotpot mustard pudding fever encephalitis hemorrhagic haemorrhagic""".split()
)
# An adjective after one of these tells the kind of an illness: "gripe española", "flu Spanyol".
AILMENTS = frozenset(
    """grippe gripe influenza l'influenza dell'influenza flu selesema encefalitis encefalite l'encefalite encéphalite
    l'encéphalite rubéole""".split()
)
_SPEAKING = """
speak speaks spoke speaking learn learns learned learning teach teaches taught teaching fluent bahasa
habla hablan hablar hablaba aprende aprender parle parlent parler parlait apprend apprendre parla parlano parlare
parlava impara fala falam falar falava spricht sprechen sprach lernt lernen spreekt spreken sprak leert leren
"""
SPEAKING = frozenset(_SPEAKING.split())
INTO_LANGUAGE = frozenset("in into".split())
INTO_LANGUAGE_SMALL = frozenset("en em in".split())  # before a small letter: "en inglés", "in inglese"
POSSESSIVES = frozenset("my your his her its our their".split())
DIRECTIONS = frozenset("north south east west".split())  # last names too, after a first name
WITHIN = frozenset("in near across outside around throughout".split())  # before a place, hardly before a person

# Who speaks or acts for a state: "U.S. officials said" tells who spoke, seldom where the story is. Before the noun in
# some languages, after it in others; both sides are looked at.
_SPEAKERS = """
official officials spokesman spokeswoman spokesperson diplomat diplomats negotiators lawmakers authorities sources
funcionarios funcionario autoridades oficiales funcionários responsables autorités responsable funzionari autorità
beamte beamten vertreter behörden functionarissen чиновники чиновник власти чиновников властей посадовці urzędnicy
představitelé yetkililer yetkilileri pejabat
"""
SPEAKERS = frozenset(_SPEAKERS.split())

# An adjective before one of these names a coin, not where the story is.
MONEY = frozenset(
    """dollar dollars dlr dlrs franc francs crown crowns pound pounds peso pesos riyal riyals dinar dinars
    krona kronor kroner guilder guilders schilling schillings lira lire yen""".split()
)
