"""What stands around every article of ria.ru and is never its text."""

AGGREGATORS = (
    '<div class="article__aggr" data-nosnippet="true"><span class="article__aggr-txt">Читать ria.ru в </span>'
    '<div class="article__aggr-list"><a class="article__aggr-item m-zen" href="https://dzen.ru/ria"><span>Дзен</span></a>'
    '<a class="article__aggr-item m-telegram" href="https://t.me/rian_ru"><span>Telegram</span></a></div></div>'
)
NOSCRIPT = (
    '<noscript><div style="position:absolute;left:-10000px;"><img src="//top-fwz1.mail.ru/counter?id=331653;js=na" '
    'style="border:0;" height="1" width="1" alt="Рейтинг@Mail.ru"></div></noscript>\n'
)
HEADER = (
    '<div class="alert m-hidden" id="alertAfterRegister"><div class="alert__text">Регистрация пройдена успешно!<br>'
    "Пожалуйста, перейдите по ссылке из письма</div></div>\n"
    '<div class="header"><div class="header__menu"><a href="https://ria.ru/">Главная страница сайта</a>'
    '<a href="https://ria.ru/sport/">Спорт</a><a href="https://radiosputnik.ria.ru/">Радио</a></div></div>\n'
)
FOOTER = (
    '<div class="footer m-type-ria" data-nosnippet="true"><div class="footer__rights">Версия 2023.1 Beta</div>'
    '<a href="/export/rss2/archive/index.xml">RSS</a><a href="/archive/">Архив</a>'
    "<p>Сетевое издание зарегистрировано 8 апреля 2014 года</p></div>\n"
)
