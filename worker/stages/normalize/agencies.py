"""Who writes what others print: agencies and publishers whose copy is syndicated, as a table.

A row is `name | domain | other names`. Short forms stand with the other names; they only count where a form of
syndication shows them (a headline suffix, a dateline, a credit, a courtesy line), never in running text.
"""

from __future__ import annotations

AGENCIES = """
Associated Press | apnews.com | AP, A.P., The Associated Press, AP News
Reuters | reuters.com | RTRS, Thomson Reuters, Рейтер, Рейтерс, رويترز, 路透, 路透社, ロイター
Agence France-Presse | afp.com | AFP, AFP News, France-Presse, Франс Пресс, أ ف ب, فرانس برس, 法新社
EFE | efe.com | Agencia EFE, EFE News, Efe, EFE-USA
Deutsche Presse-Agentur | dpa.com | dpa, DPA, dpa-AFX, dpa International
Austria Presse Agentur | apa.at | APA
Keystone-SDA | keystone-sda.ch | SDA, Keystone-ATS, ATS, sda
Agence Belga | belga.be | Belga, BELGA
Algemeen Nederlands Persbureau | anp.nl | ANP
Xinhua | xinhuanet.com | Xinhua News Agency, Xinhuanet, Синьхуа, شينخوا, 新华社, 新華社
China News Service | chinanews.com.cn | CNS, 中新社, 中新网
TASS | tass.com | ITAR-TASS, ТАСС, ИТАР-ТАСС, Tass
RIA Novosti | ria.ru | РИА Новости, РИА «Новости»
Interfax | interfax.ru | Интерфакс, Interfax-Ukraine, Интерфакс-Украина
Ukrinform | ukrinform.net | Укринформ, Укрінформ
UNIAN | unian.info | УНИАН, УНІАН
ANSA | ansa.it | Ansa
Adnkronos | adnkronos.com | AdnKronos
AGI | agi.it | Agenzia Italia
LaPresse | lapresse.it | LaPresse SpA
Kyodo News | kyodonews.net | Kyodo, 共同通信, 共同
Jiji Press | jiji.com | Jiji, 時事通信, 時事
Yonhap | yna.co.kr | Yonhap News Agency, 연합뉴스
Press Trust of India | ptinews.com | PTI
Asian News International | aninews.in | ANI
Indo-Asian News Service | ians.in | IANS
Anadolu Agency | aa.com.tr | Anadolu, AA, Anadolu Ajansı, Anadolu Ajansi
Ihlas News Agency | iha.com.tr | IHA, İHA
Islamic Republic News Agency | irna.ir | IRNA
Saudi Press Agency | spa.gov.sa | SPA, واس
Emirates News Agency | wam.ae | WAM, وام
Middle East News Agency | mena.org.eg | MENA, أ ش أ
PA Media | pa.media | PA, Press Association
The Canadian Press | thecanadianpress.com | CP, Canadian Press, La Presse Canadienne
Australian Associated Press | aap.com.au | AAP
United Press International | upi.com | UPI
Bloomberg | bloomberg.com | Bloomberg News
Dow Jones Newswires | dowjones.com | Dow Jones
Agência Brasil | agenciabrasil.ebc.com.br | Agencia Brasil
Lusa | lusa.pt | Agência Lusa, LUSA
Estadão Conteúdo | estadao.com.br | Estadao Conteudo
Folhapress | folhapress.com.br | FOLHAPRESS
Europa Press | europapress.es | EP, EUROPA PRESS
Télam | telam.com.ar | Telam
Notimex | notimex.gob.mx | NTX
Prensa Latina | prensa-latina.cu | PL
Andina | andina.pe | Agencia Andina
Polska Agencja Prasowa | pap.pl | PAP
Česká tisková kancelář | ctk.cz | ČTK, CTK
MTI | mti.hu | Magyar Távirati Iroda
Agerpres | agerpres.ro | AGERPRES
HINA | hina.hr | Hina
Tanjug | tanjug.rs | Танјуг, TANJUG
NTB | ntb.no | Norsk Telegrambyrå
TT | tt.se | Tidningarnas Telegrambyrå
Ritzau | ritzau.dk | Ritzaus Bureau
STT | stt.fi | Suomen Tietotoimisto
Antara | antaranews.com | ANTARA
Bernama | bernama.com | BERNAMA
Vietnam News Agency | vnanet.vn | VNA, TTXVN
News Agency of Nigeria | nannews.ng | NAN
Inter Press Service | ipsnews.net | IPS
Project Syndicate | project-syndicate.org | Project-Syndicate
Tribune News Service | tribunecontentagency.com | TNS
Caixin | caixinglobal.com | Caixin Global
"""

PUBLISHERS = """
The New York Times | nytimes.com | NYT, New York Times, NYTimes, N.Y. Times, NY Times
The Wall Street Journal | wsj.com | WSJ, Wall Street Journal
The Washington Post | washingtonpost.com | WaPo, Washington Post
The Guardian | theguardian.com | Guardian
Financial Times | ft.com | FT, The Financial Times
The Economist | economist.com | Economist
BBC | bbc.com | BBC News, BBC Mundo, BBC Brasil, BBC Sport
CNN | cnn.com | CNN en Español, CNN Español
NBC News | nbcnews.com | NBC
CBS News | cbsnews.com | CBS
ABC News | abcnews.go.com |
NPR | npr.org | National Public Radio
Politico | politico.com | POLITICO
Axios | axios.com | AXIOS
ProPublica | propublica.org | Pro Publica
The Conversation | theconversation.com |
Los Angeles Times | latimes.com | LA Times, L.A. Times
Miami Herald | miamiherald.com | The Miami Herald, El Nuevo Herald
USA Today | usatoday.com | USA TODAY
The Independent | independent.co.uk |
The Telegraph | telegraph.co.uk | The Daily Telegraph
The Times of India | timesofindia.indiatimes.com | Times of India, TOI
The Hindu | thehindu.com |
South China Morning Post | scmp.com | SCMP
Nikkei Asia | asia.nikkei.com | Nikkei, 日本経済新聞
The Globe and Mail | theglobeandmail.com | Globe and Mail
Voice of America | voanews.com | VOA, VOA News, Voz de América, Голос Америки
Radio Free Europe/Radio Liberty | rferl.org | RFE/RL, RFERL, Радио Свобода
Deutsche Welle | dw.com | DW
Radio France Internationale | rfi.fr | RFI
France 24 | france24.com | FRANCE 24
Al Jazeera | aljazeera.com | الجزيرة
El País | elpais.com | El Pais
El Mundo | elmundo.es |
La Nación | lanacion.com.ar | La Nacion
Infobae | infobae.com |
Le Monde | lemonde.fr |
Le Figaro | lefigaro.fr |
Libération | liberation.fr |
Der Spiegel | spiegel.de | Spiegel Online, DER SPIEGEL
Die Zeit | zeit.de | ZEIT ONLINE
Frankfurter Allgemeine Zeitung | faz.net | FAZ
Süddeutsche Zeitung | sueddeutsche.de | SZ
Neue Zürcher Zeitung | nzz.ch | NZZ
Corriere della Sera | corriere.it |
la Repubblica | repubblica.it | Repubblica
Folha de S.Paulo | folha.uol.com.br | Folha de São Paulo
O Globo | oglobo.globo.com | Agência O Globo
Kommersant | kommersant.ru | Коммерсантъ, Коммерсант
Meduza | meduza.io | Медуза
Gazeta Wyborcza | wyborcza.pl |
de Volkskrant | volkskrant.nl | Volkskrant
Global Voices | globalvoices.org | Global Voices Online
OilPrice | oilprice.com | OilPrice.com
Foreign Policy | foreignpolicy.com |
The Atlantic | theatlantic.com |
Caracas Chronicles | caracaschronicles.com |
"""
