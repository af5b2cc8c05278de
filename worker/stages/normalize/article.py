"""Is there an article at all? If not, why not: one reason of the closed list."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from worker.models import Capture
from worker.rules import NormalizeRules
from worker.stages.normalize.guards import Refusal

# A number or a phrase alone is no error: "500 flee", "Missing boy not found" are headlines.
ERROR_TITLE = re.compile(
    r"^\W*(?:http\s*)?(?:error\s*)?(?:40[0134]|410|429|50[0234])\s*"
    r"(?:$|[-–—|:!.·]|error|page|not found|forbidden|bad gateway|service|internal|gateway)|"
    r"\b(?:error|fehler|erreur|errore|ошибка)\s*:?\s*[45]\d\d\b|[-–—|:]\s*(?:404|403|500)\W*$|"
    r"\b(?:page|file|site|content|article|url|document)\b.{0,24}\bnot (?:be )?found|^not found\b|"
    r"page (?:can[’']?t|cannot|could not|couldn[’']?t) be found|page introuvable|"
    r"page (?:does not|doesn[’']?t|no longer) exist|^access denied|^(?:403\s*)?forbidden\W*$|"
    r"^bad gateway|^service unavailable|^internal server error|^gateway time-?out|seite (?:wurde )?nicht gefunden|"
    r"página no encontrada|página não encontrada|pagina non trovata|pagina niet gevonden|"
    r"stron[ay] nie (?:została )?znalezion[aoy]|nie znaleziono strony|страница не найдена|"
    r"页面不存在|找不到页面|ページが見つかりません|الصفحة غير موجودة",
    re.I | re.M,
)
BOT_WALL = re.compile(
    r"just a moment|attention required|verify(?:ing)? (?:that )?you are (?:a )?human|are you a robot|captcha|"
    r"checking your browser|enable javascript and cookies|please enable (?:js|javascript)|unusual traffic|"
    r"pardon our interruption|request unsuccessful|incapsula|ddos protection|perimeterx|datadome|security check|"
    r"bist du ein roboter|human verification|bot detection|access to this page has been denied|"
    r"vous êtes (?:un )?humain|vous n[’']êtes pas un robot|trafic inhabituel|eres humano|no eres un robot|"
    r"tráfico inusual|você é humano|não é um robô|tráfego incomum|kein roboter|ein mensch sind|"
    r"ungewöhnliche[rn]? (?:datenverkehr|traffic)|di essere umano|non sei un robot|traffico insolito|"
    r"вы не робот|необычный трафик|проверка браузера|人机验证|安全验证|ロボットではありません",
    re.I,
)
CONSENT = re.compile(
    r"cookie|consent|privacy|datenschutz|einwilligung|zustimm|consentement|confidentialit|consentimiento|privacidad|"
    r"privacidade|consenso|riservatezza|partners?\b|gdpr|tracking|vendors?\b|toestemming|zgod[ay]|"
    r"personal(?:ised|ized|isierte) ads",
    re.I,
)
PAYWALL = re.compile(
    r"(?:subscribe|register|log in|sign in)\b.{0,30}\bto (?:continue|read|keep)|to (?:continue|keep) reading\b.{0,40}"
    r"\bsubscri|(?:for|to) (?:our )?subscribers(?: only)?\b|subscriber[- ](?:only|exclusive)|"
    r"(?:exclusivo|sólo|solo) para (?:los )?sub?scriptores|suscríbe(?:te|se) para (?:seguir|continuar)|"
    r"(?:exclusiv[oa]|só) para assinantes|assine para (?:continuar|ler)|réservée? aux abonnés|"
    r"abonnez-vous pour (?:lire|continuer)|nur für abonnent|für abonnent\w+ (?:verfügbar|lesbar)|"
    r"riservat[oa] agli abbonati|abbonati per (?:continuare|leggere)|"
    r"(?:доступн?[аоы]?|только) (?:только )?(?:для )?подписчик|оформите подписку, чтобы",
    re.I,
)
WIDE = "[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]"  # compiled when needed: wide ranges take 5 ms of each start
# Lead bytes in UTF-8 of all that WIDE holds: looked for first, at a fifth of the time.
WIDE_LEADS = b"\xe0\xe3\xe4\xe5\xe6\xe7\xe8\xe9"
STOPS = frozenset(".!?…。！？؟।")
SENTENCE_END = re.compile(r"[.!?…。！？؟।][\"'”’»)\]]*$")

ERROR_WORDS = 80
TEASER_WORDS = 12  # beside what a paywall says; more is an excerpt
WALL_WORDS = 120  # walls and error pages are short; an article about cookies is not
NOTICE_SIGNS = 2000  # a notice says it in its first lines; a line of a megabyte would be searched for seconds
LISTING_PARAGRAPHS = 8
LISTING_SHARE = 0.8
LISTING_LINK_SHARE = 0.5
CLOSING = 8  # characters at a line's end in which a sentence is closed, quotes and brackets included
TEASERS = 6  # paragraphs that may be headlines and teasers of other articles
TEASER_LENGTH = 15  # words; a sentence of an article has more sooner or later
SYMBOLS = rb"#$%&()*+/<=>@[\]^_`{|}~"
CODE_ENDS = frozenset(";{}")
CODE = re.compile(
    r"\s*(?:Traceback \(|File \".+\", line \d|at [\w.$]+\(|\w+(?:Error|Exception):)|"
    r"\W*\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d.{0,20}\b(?:DEBUG|INFO|WARN|WARNING|ERROR|FATAL)\b"
)
CODE_SHARE = 0.08  # symbols in a line of code or data; prose has 0.02
CODE_LINES = 0.6  # of the characters


def refuse(
    capture: Capture,
    *,
    title: str,
    paragraphs: Sequence[str],
    whole: Sequence[str],
    link_share: float = 0.0,
    rules: NormalizeRules,
) -> Refusal | None:
    """Why a page with this title and body is no article, or None.

    `whole` is every visible line of the page, `link_share` the part of its characters that stand in links.
    """
    words = _count_words(paragraphs, enough=max(WALL_WORDS, rules.min_words))
    if capture.http_status is not None and capture.http_status >= 400:
        return Refusal("error_page", f"HTTP status {capture.http_status}")
    if words < WALL_WORDS and (wall := _wall(title, paragraphs, whole, words)):
        return wall
    if not words:
        return Refusal("no_main_content", f"{sum(map(words_in, whole))} words on the page, none of an article")
    if words < rules.min_words and not title:
        return Refusal("too_short", f"{words} words and no headline; min_words is {rules.min_words}")
    return _listing(paragraphs) if link_share > LISTING_LINK_SHARE else None


def refuse_text(text: str, paragraphs: Sequence[str]) -> Refusal | None:
    """Why a text without markup is no article though lines of it read like one, or None: code, data, a list."""
    if _is_json(text):
        return Refusal("unsupported_type", "a JSON document; read it with the jsonl source")
    code = [line for line in paragraphs if _is_code(line)] if _may_be_code(paragraphs) else []
    mostly_code = code and sum(map(len, code)) > CODE_LINES * sum(map(len, paragraphs))
    if mostly_code and sum(map(words_in, paragraphs)) - sum(map(words_in, code)) < WALL_WORDS:
        return Refusal("unsupported_type", f"{len(code)} of {len(paragraphs)} lines are code or data")
    if len(paragraphs) >= TEASERS:
        closed = [line for line in paragraphs if line[-1:] in STOPS or SENTENCE_END.search(line[-CLOSING:])]
        if len(closed) * 2 < len(paragraphs) and max(map(words_in, closed), default=0) < TEASER_LENGTH:
            return Refusal(
                "listing_page", f"{len(paragraphs) - len(closed)} of {len(paragraphs)} lines end no sentence"
            )
    return None


def _may_be_code(paragraphs: Sequence[str]) -> bool:
    """Whether lines of code may hold most of the characters: prose is told from them by this alone."""
    if not CODE_ENDS.isdisjoint([line.rstrip()[-1:] for line in paragraphs]) or any(map(CODE.match, paragraphs)):
        return True
    return _symbols(whole := "".join(paragraphs)) > CODE_SHARE * CODE_LINES * len(whole)


def _symbols(text: str) -> int:
    data = text.encode("utf-8", "surrogatepass")
    return len(data) - len(data.translate(None, SYMBOLS))


def _is_code(line: str) -> bool:
    if line.rstrip()[-1:] in CODE_ENDS or CODE.match(line):
        return True
    return _symbols(line) > CODE_SHARE * len(line)


def _is_json(text: str) -> bool:
    if text.lstrip()[:1] not in ("{", "["):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def words_in(text: str) -> int:
    """The words of `text`; two signs of a script without blanks count as one."""
    words = len(text.split())
    if text.isascii():
        return words
    data = text.encode("utf-8", "surrogatepass")
    if len(data) == len(data.translate(None, WIDE_LEADS)):
        return words
    return words + len(re.findall(WIDE, text)) // 2


def _count_words(paragraphs: Sequence[str], *, enough: int) -> int:
    """The words of the first paragraphs that hold `enough`, else of all."""
    words = 0
    for text in paragraphs:
        words += words_in(text)
        if words >= enough:
            break
    return words


def _wall(title: str, paragraphs: Sequence[str], whole: Sequence[str], words: int) -> Refusal | None:
    total = _count_words(whole, enough=2 * WALL_WORDS)
    whole = [text[:NOTICE_SIGNS] for text in whole]
    paragraphs = [text[:NOTICE_SIGNS] for text in paragraphs]
    if total < 2 * WALL_WORDS and BOT_WALL.search(" ".join([title, *whole])):
        return Refusal("bot_wall", "a check for robots, and little other text")
    if ERROR_TITLE.search(title) and words < ERROR_WORDS:
        return Refusal("error_page", "the title is that of an error page")
    if any(map(PAYWALL.search, whole)):
        left = sum(words_in(text) for text in paragraphs if PAYWALL.search(text) is None)
        if left < TEASER_WORDS:
            return Refusal("paywall_without_text", f"a paywall, and {left} words beside it")
    lines = [line for line in (title, *(paragraphs or whole)) if words_in(line) > 2]
    hits = sum(1 for line in lines if CONSENT.search(line))
    if hits * 2 > len(lines):
        return Refusal("consent_wall", f"{hits} of {len(lines)} lines speak of cookies or consent")
    return None


def _listing(paragraphs: Sequence[str]) -> Refusal | None:
    if len(paragraphs) > LISTING_PARAGRAPHS:
        short = sum(1 for text in paragraphs if words_in(text) < 15 and not SENTENCE_END.search(text))
        if short > LISTING_SHARE * len(paragraphs):
            return Refusal("listing_page", f"{short} of {len(paragraphs)} paragraphs are short and end no sentence")
    return None
