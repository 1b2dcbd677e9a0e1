"""Départements by INSEE code, and what the law attaches to some of them."""

from __future__ import annotations

import unicodedata

_NAMES = (
    "01 Ain;02 Aisne;03 Allier;04 Alpes-de-Haute-Provence;05 Hautes-Alpes;06 Alpes-Maritimes;"
    "07 Ardèche;08 Ardennes;09 Ariège;10 Aube;11 Aude;12 Aveyron;13 Bouches-du-Rhône;14 Calvados;"
    "15 Cantal;16 Charente;17 Charente-Maritime;18 Cher;19 Corrèze;2A Corse-du-Sud;2B Haute-Corse;"
    "21 Côte-d'Or;22 Côtes-d'Armor;23 Creuse;24 Dordogne;25 Doubs;26 Drôme;27 Eure;28 Eure-et-Loir;"
    "29 Finistère;30 Gard;31 Haute-Garonne;32 Gers;33 Gironde;34 Hérault;35 Ille-et-Vilaine;"
    "36 Indre;37 Indre-et-Loire;38 Isère;39 Jura;40 Landes;41 Loir-et-Cher;42 Loire;43 Haute-Loire;"
    "44 Loire-Atlantique;45 Loiret;46 Lot;47 Lot-et-Garonne;48 Lozère;49 Maine-et-Loire;50 Manche;"
    "51 Marne;52 Haute-Marne;53 Mayenne;54 Meurthe-et-Moselle;55 Meuse;56 Morbihan;57 Moselle;"
    "58 Nièvre;59 Nord;60 Oise;61 Orne;62 Pas-de-Calais;63 Puy-de-Dôme;64 Pyrénées-Atlantiques;"
    "65 Hautes-Pyrénées;66 Pyrénées-Orientales;67 Bas-Rhin;68 Haut-Rhin;69 Rhône;70 Haute-Saône;"
    "71 Saône-et-Loire;72 Sarthe;73 Savoie;74 Haute-Savoie;75 Paris;76 Seine-Maritime;"
    "77 Seine-et-Marne;78 Yvelines;79 Deux-Sèvres;80 Somme;81 Tarn;82 Tarn-et-Garonne;83 Var;"
    "84 Vaucluse;85 Vendée;86 Vienne;87 Haute-Vienne;88 Vosges;89 Yonne;90 Territoire de Belfort;"
    "91 Essonne;92 Hauts-de-Seine;93 Seine-Saint-Denis;94 Val-de-Marne;95 Val-d'Oise;"
    "971 Guadeloupe;972 Martinique;973 Guyane;974 La Réunion;976 Mayotte;977 Saint-Barthélemy;"
    "978 Saint-Martin"
)

DEPARTMENTS: dict[str, str] = dict(entry.split(" ", 1) for entry in _NAMES.split(";"))
"""Name by INSEE code."""

OVERSEAS = frozenset({"971", "972", "973", "974", "976", "977", "978"})
"""Collectivities of CSS L751-1, and Mayotte (976), whose scheme is not confirmed."""

MAYOTTE = "976"


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "".join(c for c in plain if c.isalnum())


_BY_NAME = {_fold(name): code for code, name in DEPARTMENTS.items()} | {
    "reunion": "974",
    "guyanefrancaise": "973",
}


def department_code(text: str) -> str | None:
    """INSEE code of a département given by code or by name (accents and case ignored), or None."""
    key = text.strip().upper()
    if key in DEPARTMENTS:
        return key
    return _BY_NAME.get(_fold(text))


def chamber_region(department: str | None) -> str:
    """Region of the chamber of trades tax (CGI 1601): alsace, moselle or france."""
    if department in {"67", "68"}:
        return "alsace"
    return "moselle" if department == "57" else "france"
