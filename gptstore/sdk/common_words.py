"""Words so common that they say nothing about what a text is about."""

from __future__ import annotations

_WORDS = """
a about after all also an and any are as at be been before but by can could did do does for from had has have he her
him his how if in into is it its me more most my no not of on one or our she so some such than that the their them
then there these they this those to up us was we were what when where which while who whom whose why will with would
yes you your
au aux avec ce ces cette dans de des du elle elles en est et il ils la le les leur mais ne non nous oui ou par pas
pour que qui sa se ses son sont sur un une vous
aber als am auch auf aus bei bis das dass dem den der die ein eine einem einen einer er es für hat ich im in ist ja
man mit nach nein nicht noch nur oder sich sie sind so und von vor war wie wir wird zu zum zur
al como con del el ella ellos era es esta este fue ha la las lo los más muy no o para pero por que se sin su sus
sí también un una y ya
और का की के को में से है हैं था थी थे ने पर यह वह भी एक इस उस कि या तो हो गया किया
এবং ও এই সে যে কি না এর থেকে একটি করে হয় ছিল
ஒரு இந்த அந்த மற்றும் என்று
は が を に で と も の や へ から まで です ます した して いる ある する こと この その あの
和 的 了 是 在
그 이 그리고 그는 그녀는 있다 있는 것
في من على إلى عن أن هذا هذه التي الذي كان كانت هو هي ما لا و
של את על עם זה זו הוא היא הם לא גם כי אם או אל מן
"""
COMMON = frozenset(_WORDS.split())
