"""Public mail domains (freemail), which never identify an organisation (AB-55)."""

FREE_DOMAINS = frozenset(
    (
        # Russia and neighbours
        "mail.ru inbox.ru list.ru bk.ru internet.ru xmail.ru vk.com yandex.ru ya.ru yandex.com yandex.by yandex.kz "
        "yandex.ua yandex.uz narod.ru rambler.ru lenta.ru autorambler.ru myrambler.ru ro.ru rambler.ua km.ru pochta.ru "
        "nm.ru qip.ru hotbox.ru land.ru sibmail.com ngs.ru e1.ru mail.com.ru tut.by mail.by ukr.net i.ua meta.ua "
        "bigmir.net mail.kz mail.uz mail.ua "
        # The world
        "gmail.com googlemail.com outlook.com outlook.ru hotmail.com hotmail.ru hotmail.co.uk live.com "
        "live.ru msn.com yahoo.com yahoo.co.uk yahoo.de yahoo.fr yahoo.co.in ymail.com rocketmail.com "
        "icloud.com me.com mac.com aol.com gmx.com gmx.de gmx.net gmx.at web.de t-online.de freenet.de "
        "mail.com email.com proton.me protonmail.com pm.me tutanota.com tuta.io fastmail.com hey.com zoho.com "
        "zohomail.com duck.com hushmail.com mailbox.org posteo.de orange.fr free.fr laposte.net wanadoo.fr "
        "libero.it virgilio.it seznam.cz wp.pl o2.pl onet.pl interia.pl abv.bg qq.com 163.com 126.com "
        "sina.com foxmail.com naver.com daum.net rediffmail.com mailinator.com guerrillamail.com"
    ).split()
)
