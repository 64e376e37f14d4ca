"""Phrases with which mail programs introduce quotations, by language. Data only.

A phrase is a piece of a regular expression without groups and without nested repetition, so that everything built of it
runs in linear time (AB-94). Lists are written with `|` between the phrases; languages stand in no particular order.
"""

from typing import Final


def _list(phrases: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for phrase in phrases.split("|"))


WROTE: Final = _list(
    r"""
    wrote | writes | sent | verzond | đã gửi | написала? | написали | писали | написал\(а\) | пишет | писала? |
    сообщила? | ответила? | пише | написав |
    написала | писав | жазды | жазған | жазды ? | піша | напісаў | schrieb | schreibt | geschrieben |
    hat geschrieben | a écrit | a ecrit | écrit | escribió | escribio | escribe | va escriure | escreveu |
    ha scritto | scrive | schreef | geschreven | schrijft | napisał | napisała | napisał\(a\) |
    napisał/a | pisze | kirjoitti | skrev | skriver | napsal | napsala | napsal\(a\) | napísal |
    napísala | yazdı | yazdi | şunu yazdı | şunları yazdı | írta | írta a következőt | a scris | napisao |
    je napisao | έγραψε | đã viết | menulis | rašė | rakstīja | kirjutas | написа | wrote the following |
    写道 | 寫道 | さんは書きました | wrote ? | 님이 작성 | 작성 | のメッセージ | כתב | כתבה | كتب | نوشت |
    skrifaði | เขียนว่า | เขียน | yazıb | napísal/a | je napisala | je napisal | је написао |
    је написала | הגיב | menulis pesan
    """
)
"""Verbs that end a quote header."""

MONTHS: Final = _list(
    r"""
    jan | feb | mar | apr | may | jun | jul | aug | sep | oct | nov | dec | янв | фев | мар | апр | мая |
    май | июн | июл | авг | сен | окт | ноя | дек | січ | лют | бер | квіт | трав | черв | лип | серп |
    вер | жовт | лист | груд | қаң | ақп | нау | сәу | мам | мау | шіл | там | қыр | қаз | қар | жел |
    jän | mär | mai | okt | dez | janv | fév | fev | avr | juin | juil | août | aout | déc | ene | abr |
    ago | set | out | dic | gen | mag | giu | lug | ott | mrt | mei | maj | des | sty | lut | kwi | cze |
    lip | sie | wrz | paź | paz | lis | gru | tammi | helmi | maalis | huhti | touko | kesä | heinä |
    elo | syys | loka | marras | joulu | led | úno | únor | bře | dub | kvě | čer | srp | zář | říj |
    pro | oca | şub | nis | haz | tem | ağu | eyl | eki | kas | ara | máj | jún | júl | ápr | márc |
    szept
    """
)
"""How names of months begin."""

WEEKDAYS: Final = _list(
    r"""
    mon | tue | wed | thu | fri | sat | sun | пн | вт | ср | чт | пт | сб | вс | нд | понед | втор |
    сред | четв | пятн | субб | воскр | понеділ | вівтор | серед | четвер | п'ят | пʼят | п’ят | субот |
    неділ | дүйс | сейс | сәрс | бейс | жұма | сен | жек | mo | di | mi | do | fr | sa | so | lun | mar |
    mer | mié | mie | jeu | jue | ven | vie | sam | sáb | sab | dim | dom | gio | ma | wo | vr | za | zo |
    pon | wto | wt | śr | sr | czw | pią | pt | sob | nie | niedz | ti | ke | to | pe | la | su | mån |
    tis | ons | tor | fre | lör | sön | tir | lør | søn | man | po | út | st | čt | pá | ne | seg | ter |
    qua | qui | sex | paz | pzt | sal | çar | per | cum | cmt | hétf | kedd | szer | csüt | pént | szomb |
    vas
    """
)
"""How names of days begin."""

DATE_INTROS: Final = _list(
    r"""
    on | am | le | el | il | op | em | no dia | den | dne | dnia | w dniu | on the | в | у | во | le lun |
    a | at | date | pe | la | στις | vào | pada | tarihinde | 在 | il giorno | på | ons | dňa | um | aika |
    dana | u
    """
)
"""Words before the date of a quote header."""

FROM: Final = _list(
    r"""
    from | от | от кого | від | від кого | кімнен | von | de | da | van | od | från | fra | lähettäjä |
    kimden | gönderen | feladó | expéditeur | remitente | mittente | afzender | nadawca | odesílatel |
    отправитель | відправник | ад | 发件人 | 寄件者 | 寄件人 |
    差出人 | 送信者 | 보낸 사람 | 보낸사람 | از | από | remetente |
    absender | de la | од | avsändare | avsender |
    šalje | από | nuo | saatja | מאת | من | จาก | từ | dari | frá | kimdən | кимден
    """
)
"""Field names in the head of a quoted mail: its author."""

SENT: Final = _list(
    r"""
    sent | date | отправлено | дата | послано | дата отправки | надіслано | відправлено | жіберілді |
    жіберілген уақыты | күні | gesendet | datum | envoyé | envoyé le | enviado | enviada em | enviado el |
    enviado em | inviato | data | fecha | verzonden | wysłano | wysłane | odesláno | skickat | sendt |
    lähetetty | päivämäärä | päiväys | pvm | gönderildi | gönderme tarihi | tarih | küldve | elküldve |
    dátum | 发送时间 | 發送時間 | 发送日期 | 寄件日期 | 日期 |
    时间 | 送信日時 | 日付 | 日時 | 보낸 날짜 | 날짜 | dato | trimis | odoslané |
    poslano | sent on | sent at | date sent | дата и время |
    изпратено | poslato | послато | στάλθηκε | ημερομηνία | išsiųsta | nosūtīts | datums | saadetud |
    kuupäev | enviat | נשלח | תאריך | تم الإرسال | التاريخ | ส่ง | วันที่ | đã gửi | ngày | dikirim |
    tanggal | göndərildi | tarix | адпраўлена | жөнөтүлдү | 보낸 시간
    """
)
"""Its date."""

TO: Final = _list(
    r"""
    to | кому | кімге | an | à | a | para | aan | do | komu | till | til | vastaanottaja | kime | alıcı |
    címzett | 收件人 | 收件者 | 宛先 | 받는 사람 | 받는사람 | destinataire | destinatario | pour | получатель |
    отримувач | cc | копия | көшірме | копія | kopie | copie | kopia | kopi | kopio | con copia | 抄送 |
    副本 | 참조 | bcc | скрытая копия | másolatot kap | bilgi | reply-to | reply to | adressat | către | za |
    antwort an | répondre à | ответить |
    за | prima | прима | προς | kam | adressaat | per a | אל | إلى | ถึง | tới | đến | kepada | kimə |
    каму | кимге
    """
)
"""Its recipients, and what else stands there."""

SUBJECT: Final = _list(
    r"""
    subject | тема | тақырып | тақырыбы | betreff | objet | asunto | oggetto | onderwerp | temat |
    předmět | predmet | ämne | emne | aihe | konu | tárgy | 主题 | 主題 | 主旨 | 件名 | 제목 | assunto | re |
    subiect | тэма | importance | важность | priority | attachments | вложения |
    относно | zadeva | θέμα | tema | tēma | teema | נושא | الموضوع | เรื่อง | chủ đề | subjek |
    perihal | efni | mövzu
    """
)
"""Its subject."""

ORIGINAL: Final = _list(
    r"""
    original message | original appointment | reply message | reply separator | исходное сообщение |
    исходное письмо | оригинальное сообщение | оригинал сообщения | первоначальное сообщение |
    вихідне повідомлення | початкове повідомлення | оригінальне повідомлення | бастапқы хабар |
    бастапқы хабарлама | ursprüngliche nachricht | originalnachricht | original-nachricht |
    original nachricht | message d'origine | message d’origine | message original | mensaje original |
    mensagem original | messaggio originale | oorspronkelijk bericht | origineel bericht |
    wiadomość oryginalna | oryginalna wiadomość | wiadomość pierwotna | alkuperäinen viesti |
    ursprungligt meddelande | originalmeddelande | oprindelig meddelelse | oprindelig besked |
    oprindelig e-mail | opprinnelig e-post | original meddelelse | opprinnelig melding | původní zpráva |
    původní e-mail | pôvodná správa | özgün ileti | orijinal mesaj | orjinal mesaj | eredeti üzenet |
    原始邮件 | 原始郵件 | 邮件原件 | 元のメッセージ | 원본 메시지 | 원본 메일 | mesaj original | оригинално съобщение |
    quoted message | цитируемое сообщение | ответ на сообщение | original email | antwort | урспрунг |
    originalno sporočilo | izvirno sporočilo | originalna poruka | izvorna poruka | оригинална порука |
    изворна порука | πρωτότυπο μήνυμα | αρχικό μήνυμα | originalus laiškas | pradinis laiškas |
    sākotnējais ziņojums | algne sõnum | originaalkiri | missatge original | pesan asli | thư gốc |
    הודעה מקורית | الرسالة الأصلية | ข้อความต้นฉบับ | зыходнае паведамленне | арыгінальнае паведамленне |
    оригінал повідомлення | изходно съобщение
    """
)
"""What stands between dashes above a quoted mail."""

FORWARDED: Final = _list(
    r"""
    forwarded message | begin forwarded message | forwarded by | forward | пересылаемое сообщение |
    пересланное сообщение | начало переадресованного сообщения | начало пересылаемого сообщения |
    перенаправленное сообщение | переадресованное сообщение | конец пересылаемого сообщения |
    переслане повідомлення | пересилане повідомлення | қайта жіберілген хабар |
    weitergeleitete nachricht | anfang der weitergeleiteten | weitergeleitet von | message transféré |
    message transfere | début du message | début du message réexpédié | mensaje reenviado |
    inicio del mensaje reenviado | mensagem encaminhada | mensagem reencaminhada | messaggio inoltrato |
    inizio messaggio inoltrato | doorgestuurd bericht | begin doorgestuurd bericht |
    wiadomość przekazana | przekazana wiadomość | treść przekazanej wiadomości | välitetty viesti |
    välitetty viesti alkaa | vidarebefordrat meddelande | vidarebefordrat brev | vidaresänt meddelande |
    videresendt meddelelse | videresendt melding | videresendt besked | přeposlaná zpráva |
    preposlaná správa | iletilen ileti | yönlendirilen mesaj | yönlendirilmiş mesaj | továbbított üzenet |
    továbbított levél | 转发邮件 | 转发的邮件 | 轉寄郵件 |
    轉寄的郵件 | 転送メッセージ | 転送された | 전달된 메시지 | 전달된 메일
    """
)
"""What stands above a mail that was passed on."""

FORWARD_SUBJECTS: Final = _list(
    r"""
    fwd | fw | пересл | переслано | на | перен | wg | tr | rv | enc | doorst | fs | vs-fw | vl | vb |
    vidarebef | i | pd | podaj dalej | ilt | továbbítás | 转发 | 轉寄 | 転送
    """
)
"""Prefixes of the subject of a mail that was passed on."""

SENT_FROM: Final = (
    (
        r"sent from (?:my|a|an|the|outlook|mail|yahoo|samsung|windows|iphone|ipad|proton|gmail|mobile|"
        r"blackberry|android|spark|aqua|fast|nokia|htc|x-gm|email|galaxy|mailbird|surface|huawei|zimbra|new)\b"
    ),
    r"sent from \S+(?: [^\s.,;:!?]+){0,3}(?: ?[<(\[]https?:.*)?$",
    (
        r"sent (?:via|with|using|by|on) (?:\[?(?:my|the|a)\b|blackberry|bb|outlook|mail|spark|aqua|front|"
        r"superhuman|airmail|mailbird|nine|newton|polymail|unibox|boxer|blue|k-9|android|iphone|go ?daddy|"
        r"mobile|samsung|huawei|proton|canary|rocketmail|sparrow|mailspring|shift|edison|zoho|mimestream|myoffice|"
        r"thunderbird|tuta|em client|missive|bluemail|fairemail|gmail|yahoo|rambler|yandex)"
    ),
    r"(?:get|download) outlook for (?:ios|android|mac|windows)",
    r"get the outlook app",
    r"sent from \S+ mail for",
    (
        r"отправлено (?:с|со|из|от|через|при помощи|с помощью|на|в) (?:мо|iphone|ipad|андроид|android|"
        r"устройств|samsung|мобильн|почты|яндекс|mail|outlook|прилож|телефон|планшет|смартфон|huawei|xiaomi|"
        r"honor|айфон|my|компьютер|windows|gmail|rambler|рамблер|блэк|blackberry|ios|mymail|bat|нов|веб|сервис|защищ|bluemail|thunderbird|vk|"
        r"k-9|fairemail|myoffice|мойофис"
        r"|универс|личн|redmi|galaxy|spark|proton)"
    ),
    r"отправлено (?:iphone|ipad)",
    r"(?:получите|получить|скачать|скачайте|загрузить|установите) (?:приложение )?outlook",
    r"отримайте outlook",
    r"отримати outlook",
    r"послано (?:с|из|при помощи|через) ",
    r"написано (?:с|на) (?:iphone|android|телефон|мобильн)",
    r"надіслано (?:з|із|зі|через|за допомогою) ",
    r"відправлено (?:з|із|зі|через) ",
    r"адпраўлена з ",
    r"\S+ құрылғысынан жіберілді",
    r"iphone(?:'дан|ның|-?нан|дан)? жіберілді",
    r"менің \S+ жіберілді",
    r"von meinem .{2,40} ges[ea]ndet",
    r"gesendet (?:von|mit|aus|über|vom) ",
    r"diese nachricht wurde von (?:meinem|mir)",
    r"von unterwegs gesendet",
    r"holen sie sich outlook",
    r"envoyé (?:de|depuis|à partir|avec|par|via|du) ",
    r"envoyee? (?:de|depuis) mon",
    r"télécharger outlook",
    r"obtenez outlook",
    r"provenance : courrier",
    r"enviado (?:desde|de|do|a partir|através|via|por|con|com|pelo|from) ",
    r"enviada do ",
    r"obtener outlook",
    r"obter o outlook",
    r"obtenha o outlook",
    r"inviat[oa] (?:da|dal|dallo|tramite|con|attraverso) ",
    r"scarica outlook",
    r"ottieni outlook",
    r"verzonden (?:vanaf|vanuit|met|via|van|door) ",
    r"verstuurd (?:vanaf|vanuit|met|via|van|door) ",
    r"outlook voor (?:ios|android)",
    r"download outlook",
    r"wysłan[eoy] (?:z|ze|przez|za pomocą) ",
    r"pobierz (?:aplikację )?outlook",
    r"lähetetty .{2,40}(?:sta|stä|lta|ltä|lla|llä|ni|puhelime)",
    r"hanki outlook",
    r"skickat från ",
    r"skickades från ",
    r"skaffa outlook",
    r"hämta outlook",
    r"sendt (?:fra|fra min|via|med) ",
    r"hent outlook",
    r"få outlook",
    r"odesláno (?:z|ze|pomocí|přes) ",
    r"odoslané z",
    r"získejte outlook",
    r"\S+(?:'?(?:den|dan|imden|ımdan|umdan|tan|ten)) gönderildi",
    r"iphone'?umdan gönderildi",
    r"outlook.{0,20} edinin",
    r".{2,30} eszközömről küldve",
    r"elküldve .{2,30} (?:ról|ről)",
    r"(?:az )?\S+(?:mról|mről|ról|ről) küldve",
    r"trimis de pe ",
    r"发自我的",
    r"从我的.{1,20}发送",
    r"發自我的",
    r"從我的.{1,20}傳送",
    r"来自我的",
    r"取得 outlook",
    r"获取 ?outlook",
    r"iphoneから送信",
    r".{1,20}から送信",
    r"나의 .{1,20}에서 보냄",
    r"내 .{1,20}에서 보냄",
    r"typed (?:on|with|from) (?:my|a) ",
    r"written on my ",
    r"composed on my ",
    r"this (?:message|email|e-mail) was sent from (?:my|a) (?:mobile|phone|iphone|android|blackberry)",
    r"please excuse (?:any )?(?:typos|brevity|my brevity|the brevity)",
    r"mobile phone, please excuse",
    r"--? ?sent from ",
    r"с уважением.{0,40}отправлено с",
    r"(?:простите|извините) за краткость",
    # In other languages: a verb of sending, then a device.
    (
        r"(?:изпратено|poslan[oe]|послато|στάλθηκε|estalt|נשלח|أُ?رسلت|đã gửi|gửi từ|dikirim|ส่งจาก|išsiųsta|nosūtīts|"
        r"saadetud|enviat|göndərildi|yuborildi|адпраўлена).{1,25}(?:iphon|ipad|android|samsung|galaxy|huawei|"
        r"honor|xiaomi|redmi|outlook)"
    ),
    r"(?:менің )?(?:iphone|android|\S+) құрылғы\S+ жіберілді",
    r"az .{2,30} küldve",
    r"с устройства (?:samsung|huawei|honor)",
)
"""How mail programs of telephones sign."""
