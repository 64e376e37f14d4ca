"""Chinese without a label: too short for statistics, a text is told by how many of its characters everybody uses.

A few hundred characters make up more than half of any ordinary Chinese text; what another charset's bytes read as by
chance are characters from thousands. So the share of the common ones says whether, and in which of the two charsets.
"""

import re

_SIMPLIFIED = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都"
    "同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问"
    "很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处"
    "走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展"
    "马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争"
    "运您请谢帮密码登录账号锁邮箱附查收尽快附系统打印坏办件链址网址用户名单修改订货款票退换客服复联络密输错误失败显示屏幕软载装买卖付费价您好吗呢"
)
_TRADITIONAL = frozenset(
    "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行所然家種事成方多經麼去法學如都"
    "同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實日軍者意無力它與長把機十民第公此已工使情明性知全三又關點正業外將兩高間由問"
    "很最重並物手應戰向頭文體政美相見被利什二等產或新己制身果加西斯月話合回特代內信表化老給世位次度門任常先海通教兒原東聲提立及比員解水名真論處"
    "走義各入幾口認條平系氣題活爾更別打女變四神總何電數安少報才結反受目太量再感建務做接必場件計管期市直德資命山金指克許統區保至隊形社便空決治展"
    "馬科司五基眼書非則聽白卻界達光放強即像難且權思王象完設式色路記南品住告類求據程北邊死張該交規萬取拉格望覺術領共確傳師觀清今切院讓識候帶導爭"
    "運您請謝幫密碼登錄帳號鎖郵箱附查收盡快附系統打印壞辦件鏈址網址用戶名單修改訂貨款票退換客服復聯絡輸錯誤失敗顯示幕軟載裝買賣付費價嗎呢登入設"
)
_CHARSETS = (("gb18030", _SIMPLIFIED), ("big5", _TRADITIONAL))
_CHARACTER = re.compile("[\u3400-\u9fff]")
# Japanese has the first of these, and by chance come letters of other scripts, corners and signs nobody types.
_FOREIGN = re.compile("[\u3040-\u30ff\u3100-\u312f\u0370-\u04ff\u2500-\u25ff\ue000-\uf8ff]")
_SHARE, _OF_FEW, _FEW = 0.55, 0.99, 4


def charset_of(sample: bytes) -> str | None:
    """Return "gb18030" or "big5" if the bytes read as ordinary Chinese in it, otherwise None."""
    shares = {codec: share for codec, common in _CHARSETS if (share := _share(sample, codec, common))}
    return max(shares, key=lambda codec: shares[codec]) if shares else None


def _share(sample: bytes, codec: str, common: frozenset[str]) -> float:
    """Return the share of common characters; 0 if it is too low, or if there are other scripts."""
    text = _strict(sample, codec)
    characters = _CHARACTER.findall(text)
    if len(characters) < 2 or _FOREIGN.search(text):
        return 0.0
    share = sum(character in common for character in characters) / len(characters)
    return share if share >= (_OF_FEW if len(characters) <= _FEW else _SHARE) else 0.0


def _strict(sample: bytes, codec: str) -> str:
    """Decode the sample, whose last character may be incomplete; "" if it is invalid."""
    for end in range(len(sample), max(0, len(sample) - 4), -1):
        try:
            return sample[:end].decode(codec)
        except UnicodeDecodeError as broken:
            if broken.start < len(sample) - 4:
                return ""
    return ""
