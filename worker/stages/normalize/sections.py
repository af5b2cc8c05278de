"""Names of sections that are more than one word, so that a breadcrumb without separators can be split."""

from __future__ import annotations

_NAMES = """
Latin America | South America | North America | Central America | Middle East | Asia Pacific | Southeast Asia
South Asia | Central Asia | Eastern Europe | Western Europe | United States | United Kingdom | European Union
Saudi Arabia | South Africa | South Korea | North Korea | New Zealand | Sri Lanka | Costa Rica | El Salvador
Puerto Rico | Dominican Republic | Czech Republic | Hong Kong | New York | Los Angeles | San Francisco
New Delhi | Real Estate | Human Rights | Climate Change | Foreign Policy | National Security | Oil & Gas
Oil and Gas | Health Care | Local News | World News | Breaking News | Top News | Latest News | Top Stories
US News | U.S. News | UK News | Business News | Personal Finance | Small Business | Social Media
Artificial Intelligence | Food & Drink | Arts & Culture | Arts and Culture | Life & Style | Life and Style
Science & Technology | Science and Technology | Law & Order | Public Health | White House | Supreme Court
América Latina | América del Sur | Medio Ambiente | Medio Oriente | Oriente Medio | Estados Unidos | Reino Unido
Derechos Humanos | Cambio Climático | Última Hora | Últimas Noticias | Ciencia y Tecnología
Economía y Negocios | Reportajes Especiales | Meio Ambiente | Direitos Humanos | Últimas Notícias
Ciência e Tecnologia | São Paulo | Rio de Janeiro | Minas Gerais | États-Unis | Moyen-Orient | Faits divers
Proche-Orient | Amérique latine | Droits humains | Vie locale | Vereinigte Staaten | Naher Osten | Dritte Welt
Aus aller Welt | Stati Uniti | America Latina | Cronaca locale | В мире | В стране | Ближний Восток
Права человека | Рынок труда | Stany Zjednoczone | Wielka Brytania | Prawa człowieka | Verenigde Staten
Midden-Oosten
"""

MULTIWORD: frozenset[tuple[str, ...]] = frozenset(
    tuple(name.casefold().split()) for line in _NAMES.splitlines() for name in line.split("|") if name.strip()
)
LONGEST = max(map(len, MULTIWORD))


def split_sections(words: str) -> list[str]:
    """The parts of a breadcrumb that lost its separators: one word each, but for known names of several words.

    >>> split_sections("Home Latin America Economy")
    ['Home', 'Latin America', 'Economy']
    """
    left = words.split()
    parts: list[str] = []
    while left:
        for size in range(min(LONGEST, len(left)), 0, -1):
            if size == 1 or tuple(word.casefold() for word in left[:size]) in MULTIWORD:
                parts.append(" ".join(left[:size]))
                left = left[size:]
                break
    return parts
