"""Paragraphs of invented reports, for pages whose text is known."""

PROSE = (
    (
        "Der Gemeinderat von Auheim hat in seiner Sitzung am 12. März beschlossen, das alte Schulgebäude an der Lindenstraße "
        "zu erhalten und als Bürgerhaus weiterzuführen. Die Mehrheit folgte damit einem Gutachten, nach dem Abriss und Neubau "
        "rund 4,2 Millionen Euro teurer wären. Vor allem die Vereine hatten sich für den Erhalt eingesetzt, weil sie in der "
        "Aula seit Jahrzehnten proben und feiern."
    ),
    (
        "Im vergangenen Jahr wurden auf den Rad- und Fußwegen der Stadt 1.480 Fahrten je Tag gezählt, ein Fünftel mehr als "
        "zwei Jahre zuvor. Die Zählstellen stehen an der Mandelbrücke, am Bahnhof und vor der Gesamtschule. Nach Angaben des "
        "Tiefbauamts lässt sich der Zuwachs vor allem durch die neue Querung unter der Bundesstraße erklären, die im Mai "
        "eröffnet wurde."
    ),
    (
        "Die Wasserversorgung bezieht ihr Trinkwasser aus fünf Tiefbrunnen im Norden des Verbandsgebiets. Das Rohwasser wird "
        "belüftet, über Quarzkies gefiltert und ohne Chlorung abgegeben. Der Nitratgehalt lag im Mittel bei 7,5 Milligramm je "
        "Liter und damit deutlich unter dem Grenzwert. Untersuchungen auf Pflanzenschutzmittel blieben ohne Befund."
    ),
    (
        "Wer einen Antrag auf Wohngeld stellt, muss Einkommen und Miete nachweisen. Die Behörde prüft die Unterlagen in der "
        "Regel innerhalb von sechs Wochen; fehlen Nachweise, so verlängert sich die Frist entsprechend. Ein Anspruch besteht "
        "frühestens ab dem Monat, in dem der Antrag eingegangen ist. Gegen den Bescheid kann Widerspruch eingelegt werden."
    ),
    (
        "Das Museum zeigt bis zum Herbst eine Ausstellung über die Geschichte der Glasherstellung. Zu sehen sind mehr als "
        "dreihundert Stücke, darunter Trinkgefäße aus der Römerzeit und Versuchsgläser aus den Werkstätten der Region. Ein "
        "eigener Raum ist den Arbeiterinnen gewidmet, die in den Schleifereien unter schwierigen Bedingungen arbeiteten."
    ),
    (
        "Die Messungen wurden zwischen April und Oktober an vierzehn Standorten durchgeführt. Jeder Sensor erfasste Temperatur, "
        "Luftfeuchte und Bodenwassergehalt in Abständen von zehn Minuten. Ausfälle wurden durch lineare Interpolation ersetzt, "
        "sofern sie kürzer als zwei Stunden waren; längere Lücken blieben in der Auswertung unberücksichtigt."
    ),
    (
        "Der Verein zählte zum Jahresende 612 Mitglieder, davon 244 unter achtzehn Jahren. Besonders die Abteilungen Turnen und "
        "Handball wuchsen, während im Tischtennis zwei Mannschaften abgemeldet werden mussten. Der Vorstand dankte den "
        "ehrenamtlichen Übungsleiterinnen und Übungsleitern, ohne die der Betrieb nicht aufrechtzuerhalten wäre."
    ),
    (
        "Nach der Satzung sind Grundstückseigentümer verpflichtet, Gehwege bei Schnee und Glätte zwischen sieben und zwanzig Uhr "
        "zu räumen. Streusalz darf nur an Treppen und starken Gefällestrecken verwendet werden. Wer die Pflicht auf andere "
        "überträgt, bleibt für die Überwachung verantwortlich und hat dies der Gemeinde schriftlich anzuzeigen."
    ),
    (
        "In der Versuchsanlage wurde Abwärme aus einem Rechenzentrum genutzt, um Gewächshäuser zu beheizen. Die "
        "Wärmerückgewinnung erreichte einen Wirkungsgrad von 68 Prozent. Damit ließen sich im ersten Betriebsjahr etwa "
        "90.000 Liter Heizöl einsparen, obwohl die Umwälzpumpen häufiger als geplant gewartet werden mussten."
    ),
    (
        "Die Kommission empfiehlt, die Förderung künftig an messbare Ziele zu binden. Bislang seien Mittel bewilligt worden, "
        "ohne dass die Wirkung der Vorhaben überprüft wurde. Stattdessen sollten Zwischenberichte nach zwölf Monaten "
        "verpflichtend werden und die letzte Rate erst nach einer unabhängigen Begutachtung ausgezahlt werden."
    ),
    (
        "Der Bahnhof wird barrierefrei umgebaut. Vorgesehen sind zwei Aufzüge, ein Blindenleitsystem und höhere Bahnsteige, die "
        "einen stufenlosen Einstieg erlauben. Während der Bauzeit halten die Regionalzüge am provisorischen Bahnsteig hinter dem "
        "Güterschuppen; Reisende sollten für den Weg dorthin etwa fünf Minuten zusätzlich einplanen."
    ),
    (
        "Im Wald rund um den Kahlkopf ist fast die Hälfte der Fichten geschädigt. Die Forstverwaltung setzt deshalb auf "
        "Mischbestände aus Buche, Eiche und Weißtanne, die mit Trockenheit besser zurechtkommen. Bis die jungen Bäume den Boden "
        "beschatten, dauert es allerdings Jahrzehnte, in denen der Wildverbiss die größte Gefahr darstellt."
    ),
    (
        "Das Krankenhaus schloss das Geschäftsjahr mit einem Fehlbetrag von 3,1 Millionen Euro ab. Gestiegen sind vor allem die "
        "Kosten für Energie, Medikamente und Leiharbeit. Die Geschäftsführung erwartet, dass sich das Ergebnis durch die "
        "Zusammenlegung der Labore und eine gemeinsame Notaufnahme in den kommenden zwei Jahren verbessern wird."
    ),
    (
        "Für die Befragung wurden 2.034 Haushalte nach dem Zufallsprinzip ausgewählt, von denen 871 antworteten. Gut zwei Drittel "
        "der Befragten sind mit der Busanbindung zufrieden. Kritik gibt es an den Abendstunden: Nach zwanzig Uhr verkehrt auf "
        "mehreren Linien nur noch ein Anrufsammeltaxi, das mindestens eine Stunde vorher bestellt werden muss."
    ),
    (
        "Die Bibliothek hat ihre Öffnungszeiten erweitert und ist nun auch am Samstagnachmittag zugänglich. An Selbstbedienungs"
        "terminals lassen sich Bücher ausleihen, verlängern und zurückgeben. Die Zahl der Entleihungen stieg daraufhin um elf "
        "Prozent; am stärksten nachgefragt waren Hörbücher, Brettspiele und Reiseführer."
    ),
    (
        "Zu den Aufgaben des Landschaftspflegeverbands gehört es, Streuobstwiesen zu erhalten. Alte Hochstämme werden im Winter "
        "geschnitten, abgestorbene Bäume nachgepflanzt und die Wiesen zweimal im Jahr gemäht. Von der Pflege profitieren "
        "Steinkauz, Wendehals und Grünspecht, die in den Baumhöhlen brüten und auf den kurzen Wiesen Nahrung finden."
    ),
    (
        "Das Gericht hob den Bescheid auf, weil die Anhörung unterblieben war. Zwar könne ein solcher Mangel im "
        "Widerspruchsverfahren geheilt werden; dazu hätte die Behörde aber die Einwände zur Kenntnis nehmen und sich mit ihnen "
        "auseinandersetzen müssen. Die Berufung wurde nicht zugelassen, die Kosten trägt die Beklagte."
    ),
    (
        "Seit dem Umbau fasst das Klärwerk Abwasser von 38.000 Einwohnern. Eine vierte Reinigungsstufe entfernt Rückstände von "
        "Arzneimitteln mit Aktivkohle. Der Klärschlamm wird entwässert und verbrannt, wobei Phosphor zurückgewonnen werden soll. "
        "Die Anlage deckt ihren Strombedarf zu drei Vierteln selbst, unter anderem durch Faulgas und Sonnenenergie."
    ),
    (
        "Im Sommerhalbjahr besuchten 48.210 Gäste das Freibad, so viele wie seit 2003 nicht mehr. An sieben Tagen musste der "
        "Einlass wegen Überfüllung unterbrochen werden. Der Förderverein fordert ein zweites Kinderbecken; die Verwaltung "
        "verweist auf die angespannte Haushaltslage und will zunächst die Filtertechnik erneuern."
    ),
    (
        "Der Ausschuss befasste sich außerdem mit der Frage, ob die Gebühren für Kindertagesstätten gestaffelt werden können. "
        "Nach dem Vorschlag der Verwaltung zahlen Familien mit geringem Einkommen künftig nichts, während der Höchstsatz auf "
        "310 Euro steigt. Die Elternvertretung begrüßte den Entwurf, mahnte aber eine Übergangsfrist bis zum Sommer an."
    ),
)
