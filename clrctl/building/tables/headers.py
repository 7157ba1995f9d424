"""What student systems and school offices call their columns: the words that guesses are made by.

To teach `clrctl map` another header, add it here, as a person reads it, behind a comma. Case,
accents, blanks, the order of words and the marks between them do not count, nor do the names of
tables that some systems put in front (`SPRIDEN_ID`, `[Students]Last_Name`); abbreviations are
written out first, by `ABBREVIATIONS`. What stands first in a list is taken first where an export
has several. Where a word means one thing here and another there (`Note`), `VALUES` in `looking`
decides by what stands below it.
"""

from __future__ import annotations

from clrctl.building.tables.fields import Table

ABBREVIATIONS = {
    "student": "stud stu std",
    "course": "crs crse",
    "number": "no num nbr numb nr nummer # nº n° № núm",
    "grade": "gr grd grde",
    "final": "fin fnl",
    "date": "dt",
    "completed": "compl comp completion",
    "title": "ttl",
    "name": "nm nam",
    "first": "fst frst",
    "last": "lst",
    "credit": "cr crd cred credits crédit crédits crédito créditos",
    "hours": "hrs hr hour",
    "units": "unt unit",
    "earned": "ern ernd earn",
    "attempted": "att attm attmp potential pot poss possible taken",
    "semester": "sem",
    "year": "yr",
    "department": "dept",
    "description": "desc descr",
    "subject": "subj sbj",
    "percent": "pct perc percentage %",
    "section": "sec sect",
    "catalog": "cat catlg",
    "cumulative": "cum cumul",
    "status": "stat",
    "address": "addr",
    "code": "cd cde",
    "change": "chg",
    "matricula": "matr",
    "asignatura": "asig asign",
    "calificacion": "calif calific",
    "pruefung": "prf pruef",
}
"""Words, and how they are cut short."""

NOISE = "of the a an de la le les du des d del der die das el los en l y et und"
"""Words that say nothing in a header."""

TABLES_IN_FRONT = (
    "students student storedgrades courses sections cc person transcriptcourse transcript "
    "transcriptdetail grading enrollment stu crs"
)
"""Tables that systems name before the column, as in `transcriptCourse.creditsEarned`."""

BANNER = r"(?:spr|spb|shr|stv|sgb|sfr|scb|ssb|gor|gob)[a-z]{3,4}"
"""How the tables of Banner are called, whose names begin its columns."""

_LEARNER_KEY = """
    student number, student id, student local id, studentid, stuid, sid, local id, other id,
    other number, pidm, emplid, employee id, person id, perm id, permanent id, banner id,
    spriden id, campus id, colleague id, learner id, learner, pupil id, pupil number,
    user sourced id, student sourced id, student key, alphakey, student alphakey, uin, znumber,
    id number, student, Schülernummer, Schüler Nr, Schüler ID, Matrikelnummer, Matrikel Nr,
    Personennummer,
    Teilnehmernummer, Matr Nr, Studierendennummer,
    matrícula, número de matrícula, número de expediente, expediente, número de alumno,
    id alumno, código alumno, clave alumno, número de control, boleta, legajo, carné, carnet,
    código estudiante, id estudiante,
    numéro étudiant, n° étudiant, code étudiant, id étudiant, numéro élève, id élève, matricule,
    numéro de dossier, numéro apprenant, code apprenant,
    identifier, id
"""
_ACHIEVEMENT_KEY = """
    course number, course code, course id, course key, course local id, course sourced id,
    local course number, local course code, achievement id, achievement, class code, module code,
    subject code, course,
    Kursnummer, Kurs Nr, Kurscode, Modulnummer, Modul Nr, Modulcode, Prüfungsnummer, Fachnummer,
    Fach Nr, Fachkürzel, Fachcode, Veranstaltungsnummer, LV Nummer, Modulkürzel,
    código asignatura, clave asignatura, código de la asignatura, código materia, clave materia,
    clave de la materia, código curso, clave curso, código módulo, clave, código,
    code matière, code UE, code cours, code module, code enseignement, numéro de cours, sigle,
    code ECUE, code élément,
    number, code
"""
_FULL_NAME = """
    student name, full name, student full name, name, display name, lastfirst, last first,
    last first middle, student full name lfm, full name lfm, learner name, pupil name,
    preferred name,
    Schülername, Name Vorname, Studierende, Name des Schülers, Teilnehmer,
    nombre completo, nombre del alumno, alumno, nombre y apellidos, apellidos y nombre,
    estudiante, nombre estudiante,
    nom complet, nom et prénom, nom prénom, étudiant, élève, nom de l'étudiant, apprenant
"""
_GIVEN_NAME = """
    first name, given name, first, preferred first name, student first name, forename,
    legal first name, Vorname, Rufname, nombre, nombres, nombre de pila, prénom, prénoms
"""
_FAMILY_NAME = """
    last name, family name, surname, last, student last name, legal last name, Nachname,
    Familienname, apellidos, apellido, primer apellido, apellido paterno, nom, nom de famille,
    nom d'usage
"""
_EMAIL = """
    email, e-mail, student email, email address, mail, school email, student email address,
    E-Mail-Adresse, correo electrónico, correo, correo institucional, courriel,
    adresse électronique, adresse mail, adresse e-mail, mél
"""
_COURSE_NAME = """
    course name, course title, class title, course long description, course long title, title,
    achievement name, course description, course short description, course short title,
    module title, module name, module, class name, description, long title, subject name,
    subject title,
    Kursname, Kursbezeichnung, Kurstitel, Modulname, Modulbezeichnung, Modultitel, Modul,
    Fachbezeichnung, Lehrveranstaltung, Veranstaltung, Prüfungsbezeichnung, Bezeichnung, Titel,
    Kurs, Fach, Prüfung,
    nombre asignatura, nombre de la asignatura, asignatura, materia, nombre materia,
    nombre de la materia, nombre del curso, denominación, módulo, descripción, curso,
    matière, intitulé, intitulé du cours, libellé, libellé matière, libellé UE, nom du cours,
    enseignement, UE, unité d'enseignement, cours, discipline,
    name, course
"""
_CREDITS_EARNED = """
    credit earned, earned credit, credit hours earned, earned credit hours, earned hours,
    hours earned, units earned, earned units, units passed, credit awarded,
    carnegie units earned, earned, Leistungspunkte, LP, ECTS, ECTS-Punkte, Credits,
    Credit Points, CP, Kreditpunkte, KP,
    Anrechnungspunkte,
    créditos obtenidos, créditos aprobados, créditos superados, créditos ECTS, créditos,
    unidades, crédits obtenus, crédits acquis, crédits ECTS, crédits, ECTS acquis, unités,
    credit, credit hours, units, class units, credit value
"""
_CREDITS_ATTEMPTED = """
    credit attempted, attempted credit, credit hours attempted, attempted credit hours,
    hours attempted, units attempted, credits available, units taken, credit possible,
    possible credit, achievement credits, course credits,
    Leistungspunkte Modul, Soll-LP, créditos asignatura, créditos de la asignatura,
    crédits matière, crédits UE
"""
_DEPARTMENT = """
    department, subject area, subject, credit type, discipline area, field, Fachbereich,
    Fachgebiet, departamento, área, área de conocimiento, département, filière, domaine
"""

HEADERS: dict[Table, dict[str, str]] = {
    "learners": {
        "key": _LEARNER_KEY,
        "name": _FULL_NAME,
        "given_name": _GIVEN_NAME,
        "family_name": _FAMILY_NAME,
        "email": _EMAIL,
        "state_id": """
            state id, state student id, state number, ssid, statewide id, state student number,
            INE, numéro INE
        """,
        "did": "did, wallet did",
        "sourced_id": "sourced id",
    },
    "achievements": {
        "key": _ACHIEVEMENT_KEY,
        "name": _COURSE_NAME,
        "criteria": "criteria, passing rule, requirement",
        "type": "type, kind, achievement type, course type, Art, tipo, type de cours",
        "description": "catalog text, catalogue text, catalog description, course description, "
        "long description, description",
        "code": "code, course code, catalog number, state course code",
        "credits": _CREDITS_ATTEMPTED + "," + _CREDITS_EARNED,
        "field": _DEPARTMENT,
    },
    "awards": {
        "learner": _LEARNER_KEY,
        "achievement": _ACHIEVEMENT_KEY,
        "on": """
            date completed, date posted, date awarded, date stored, completion date, grade date,
            date graded, grade post date, final grade date, grade change date,
            final grade change date, posted, awarded, completed, date earned, end date,
            course end date, term end date, term end, date, Prüfungsdatum, Datum der Prüfung,
            Abschlussdatum, Notendatum, Bestanden am, abgeschlossen am, Datum,
            fecha de acta, fecha de calificación, fecha de evaluación, fecha del examen,
            fecha de aprobación, fecha,
            date d'obtention, date du jury, date de validation, date d'examen, date de l'épreuve,
            date de délibération
        """,
        "term": """
            term description, term name, term title, term, session, semester, academic term,
            term code, strm, store code, grade bucket, bucket, actual term, grading period, term id,
            session code, academic period, Halbjahr, Semester, Prüfungssemester,
            periodo, período, periodo académico, semestre, convocatoria, cuatrimestre, trimestre,
            période, session d'examen
        """,
        "credits": _CREDITS_EARNED,
        "status": """
            status, completion status, course status, flag, result, pass fail, outcome,
            Bestanden,
            Prüfungsstatus, Ergebnis, situación, estatus, estado, resultado, résultat, décision,
            statut, validation
        """,
        "occurrence": """
            section id, section number, section, class number, class id, class section, crn,
            sequence number, course section, grupo, groupe
        """,
        "achievement_name": _COURSE_NAME,
        "achievement_type": "achievement type",
        "achievement_description": "catalog description, catalog text, catalogue text",
        "achievement_code": "achievement code, course code, state course code",
        "achievement_credits": _CREDITS_ATTEMPTED,
        "achievement_field": _DEPARTMENT,
        "criteria": "criteria, passing rule",
        "learner_name": _FULL_NAME,
        "learner_given_name": _GIVEN_NAME,
        "learner_family_name": _FAMILY_NAME,
        "learner_email": _EMAIL,
        "narrative": """
            comment, comments, remarks, remark, teacher comment, transcript comment, note, notes,
            Bemerkung, Bemerkungen, observaciones, comentario, remarques, appréciation
        """,
    },
    "associations": {"source": "source, from", "type": "type, relation", "target": "target, to"},
}
"""Headers by the fields of tables."""

RESULTS = {
    "Final grade": """
        final grade, course grade, letter grade, official grade, course grade official,
        final mark, grade final, final score, grade code final, course grade off, grade off,
        transcript grade, posted grade, grade, mark, letter, score letter, grade letter,
        grade input, official grade, Endnote, Abschlussnote, Modulnote, Prüfungsnote, Fachnote,
        Note, Notenpunkte, Bewertung, calificación final, nota final, calificación, nota,
        nota definitiva,
        note finale, moyenne, note sur 20, note,
        score, result, Ergebnis, resultado, résultat
    """,
    "Percent": """
        percent, numeric grade, final percent, grade percent, numeric average, final average,
        Prozent, porcentaje, pourcentage
    """,
    "Cumulative GPA": "gpa, cumulative gpa, cumulative grade point average, overall gpa",
    "Score": "score, points, raw score, Punkte, puntos, puntaje, puntuación",
}
"""Headers by the names of results."""

YEARS = """
    school year, academic year, year, end year, Schuljahr, Studienjahr, año académico,
    año escolar, curso académico, curso escolar, ciclo escolar, ciclo, año, année universitaire,
    année scolaire, année
"""
"""Years, which are put before a term that does not name one."""

TERMS = "semestre, semester, trimestre, sem"
SUBJECTS = "subject, subject code"
NUMBERS = "course number, catalog number, catalog no, number"
"""What together is a code in colleges: ENGL and 101."""

COURSES = """
    course courses crs crse catalog subject subj kurs modul fach asignatura materia curso cours
    matière ue module lehrveranstaltung clave
"""
"""Words of headers that tell that it is courses that are achieved."""

STATUSES = {
    "Completed": """
        p pass passed complete completed s cr bestanden be ja ab anerkannt aprobado aprobada apto
        superado acreditado acreditada admis admise validé validée acquis adm val réussi oui
    """,
    "Failed": """
        f n fail failed nb en nein nichtbestanden reprobado reprobada noaprobado suspenso
        suspendido nopresentado ajourné ajournée aj non nonvalidé nonacquis échec
    """,
    "Withdrew": "w wd withdrew withdrawn rücktritt baja retirado retirada abandon défaillant",
    "InProgress": "i ip inc incomplete inprogress cursando encours",
    "Enrolled": "e enrolled angemeldet inscrito inscrita inscrit inscrite",
}
"""What schools call statuses, without blanks, by what they mean."""
