"""The words of the law in plain words: two sentences and a reference each.

Screens name a term by its code (`Term`, `words_here` of app/components/terms.py); `terms_in` finds
those that a French sentence of ours speaks of. A test holds every use to this list.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.words import N_


@dataclass(frozen=True, slots=True)
class Entry:
    """A word of the law. `word`, `plain` (what people would call it) and `text` (two sentences)
    are French msgids; `law` is where the word lives; `marks` are the pieces of our French
    sentences that speak of it, in lower case."""

    word: str
    plain: str
    text: str
    law: str
    marks: tuple[str, ...] = ()


GLOSSARY: dict[str, Entry] = {
    "abattement": Entry(
        N_("Abattement"), N_("Part qui ne compte pas"),
        N_("Une part fixe de vos recettes est retirée avant le calcul, pour tenir compte de vos "
           "frais. C’est un forfait : vous n’avez aucun frais à prouver."),
        "CGI 50-0 et 102 ter ; CSS L131-6", ("abattement",),
    ),
    "acre": Entry(
        N_("ACRE"), N_("Taux réduit du début"),
        N_("Une aide qui réduit vos cotisations pendant votre première année d’activité. Elle se "
           "demande, et elle s’arrête à une date que l’accueil vous rappelle."),
        "CSS L131-6-4", ("acre",),
    ),
    "allocations_familiales": Entry(
        N_("Allocations familiales"), N_("Aide aux familles"),
        N_("Cette cotisation paie les aides versées aux familles. Son taux monte avec le revenu, "
           "et il est nul pour un petit revenu."),
        "CSS L241-6 et D613-1", ("allocations familiales",),
    ),
    "appel_provisionnel": Entry(
        N_("Appel provisionnel"), N_("Acompte"),
        N_("Un montant demandé d’avance, calculé sur votre dernier revenu connu. Il est corrigé "
           "quand le vrai revenu de l’année est déclaré."),
        "CSS L131-6-2", ("appel provisionnel", "provisionnel", "montants provisoires"),
    ),
    "at_mp": Entry(
        N_("AT/MP"), N_("Accidents du travail"),
        N_("Accidents du travail et maladies professionnelles : l’assurance de ce qui arrive à "
           "cause du travail. Pour un salarié, c’est l’employeur qui la paie."),
        "CSS L241-5 et D242-6", ("accidents du travail", "at/mp"),
    ),
    "bic": Entry(
        N_("BIC"), N_("Commerce et artisanat"),
        N_("Bénéfices industriels et commerciaux : ce que gagnent les commerçants et les "
           "artisans. Le mot dit dans quelle case de l’impôt vos recettes se rangent."),
        "CGI 34", ("(bic)",),
    ),
    "bnc": Entry(
        N_("BNC"), N_("Professions libérales"),
        N_("Bénéfices non commerciaux : ce que gagnent les professions libérales et les autres "
           "indépendants. Le mot dit dans quelle case de l’impôt vos recettes se rangent."),
        "CGI 92", ("(bnc)", "bnc"),
    ),
    "carmf": Entry(
        N_("Carmf"), N_("Caisse de retraite des médecins"),
        N_("La caisse autonome de retraite des médecins de France verse leur retraite et leurs "
           "pensions d’invalidité. Elle appelle elle-même ses cotisations, sauf pour les "
           "remplaçants qui ont choisi l’offre simplifiée."),
        "CSS L640-1 et R641-1", ("carmf",),
    ),
    "cessation": Entry(
        N_("Cessation d’activité"), N_("Arrêt"),
        N_("Le jour où vous arrêtez votre activité pour de bon. Il reste alors une dernière "
           "déclaration à envoyer dans les soixante jours."),
        "CSS R613-6 ; CGI 201", ("cessation",),
    ),
    "cfp": Entry(
        N_("CFP"), N_("Droit à la formation"),
        N_("La contribution à la formation professionnelle vous donne le droit de faire payer "
           "vos formations. Elle se calcule sur vos recettes, comme les cotisations."),
        "CT L6331-48", ("formation professionnelle", "cfp"),
    ),
    "chiffre_affaires": Entry(
        N_("Chiffre d’affaires"), N_("Ce que vous avez encaissé"),
        N_("Tout l’argent que vos clients vous ont versé sur la période, sans rien déduire. Une "
           "facture qui n’est pas payée ne compte pas encore."),
        "CSS L613-7 ; CGI 50-0", ("chiffre d’affaires",),
    ),
    "cipav": Entry(
        N_("Cipav"), N_("Retraite de certains libéraux"),
        N_("La caisse de retraite d’une vingtaine de professions libérales, comme les "
           "architectes ou les psychologues. Elle change un peu vos taux, et c’est elle qui "
           "versera votre retraite."),
        "CSS R641-1 et D613-4", ("cipav",),
    ),
    "csg_crds": Entry(
        N_("CSG-CRDS"), N_("Contributions pour tous"),
        N_("Deux prélèvements que tout le monde paie, sur presque tous les revenus. Ils financent "
           "la Sécurité sociale et remboursent sa dette, sans ouvrir de droit de plus."),
        "CSS L136-1 et L136-8 ; ordonnance 96-50", ("csg",),
    ),
    "dfs": Entry(
        N_("DFS"), N_("Déduction pour frais de métier"),
        N_("La déduction forfaitaire spécifique retire une part du salaire avant les cotisations, "
           "pour certains métiers qui ont des frais. Elle diminue ce que vous payez, et aussi vos "
           "droits à la retraite."),
        "Arrêté du 20 décembre 2002, article 9", ("déduction forfaitaire spécifique", "dfs"),
    ),
    "dsn": Entry(
        N_("DSN"), N_("Déclaration de l’employeur"),
        N_("La déclaration sociale nominative est ce que chaque employeur envoie chaque mois sur "
           "ses salariés. Vos bases de cotisation en viennent : si elle est fausse, vos droits le "
           "sont aussi."),
        "CSS L133-5-3", ("dsn", "déclaration sociale nominative"),
    ),
    "echeance": Entry(
        N_("Échéance"), N_("Dernier jour"),
        N_("Le dernier jour pour déclarer ou pour payer. Après elle, des majorations ou une "
           "pénalité peuvent s’ajouter."),
        "CSS R613-7 et R613-8", ("échéance",),
    ),
    "echeancier": Entry(
        N_("Échéancier"), N_("Paiement en plusieurs fois"),
        N_("La liste des jours et des montants à payer. Quand il étale un retard, une mensualité "
           "manquée l’arrête."),
        "CSS R243-21", ("échéancier", "plusieurs fois"),
    ),
    "enim": Entry(
        N_("Enim"), N_("Sécurité sociale des marins"),
        N_("L’établissement national des invalides de la marine verse aux marins leur retraite "
           "et leurs soins. L’Urssaf encaisse leurs cotisations pour son compte."),
        "C. transports L5551-1 et L5553-1", ("enim",),
    ),
    "franchise_tva": Entry(
        N_("Franchise de TVA"), N_("Ne pas facturer la TVA"),
        N_("Sous un certain montant de recettes, vous ne facturez pas la TVA et vous ne la "
           "récupérez pas. Au-dessus du seuil majoré, vous la facturez dès le jour du "
           "dépassement."),
        "CGI 293 B", ("franchise de tva", "tva"),
    ),
    "indemnites_journalieres": Entry(
        N_("Indemnités journalières"), N_("Revenu pendant la maladie"),
        N_("L’argent versé chaque jour où la maladie vous empêche de travailler. Une cotisation à "
           "part le finance."),
        "CSS L622-1 et D621-1", ("indemnités journalières",),
    ),
    "invalidite_deces": Entry(
        N_("Invalidité-décès"), N_("Protection en cas de coup dur"),
        N_("Une assurance qui verse une pension si vous ne pouvez plus travailler. Elle verse "
           "aussi un capital à vos proches si vous mourez."),
        "CSS L632-1 et L644-1", ("invalidité-décès",),
    ),
    "livre_des_recettes": Entry(
        N_("Livre des recettes"), N_("Cahier des encaissements"),
        N_("La liste datée de tout ce que vous encaissez, que la loi vous demande de tenir. Votre "
           "journal le remplit pour vous."),
        "C. com. L123-28 ; CGI 50-0", ("livre des recettes", "journal des recettes"),
    ),
    "majoration": Entry(
        N_("Majoration de retard"), N_("Supplément pour retard"),
        N_("Une somme qui s’ajoute quand vous payez après l’échéance. Elle grandit avec le temps, "
           "et vous pouvez demander qu’elle soit effacée."),
        "CSS R243-16 et R243-20", ("majoration",),
    ),
    "mandat_sepa": Entry(
        N_("Mandat SEPA"), N_("Autorisation de prélèvement"),
        N_("L’accord que vous signez pour que votre compte bancaire soit prélevé. Vous pouvez le "
           "retirer, et faire rembourser un prélèvement pendant huit semaines."),
        "C. mon. fin. L133-25 et L133-25-1 ; règlement (UE) 260/2012", ("mandat",),
    ),
    "pamc": Entry(
        N_("PAMC"), N_("Médecin conventionné"),
        N_("Le régime des praticiens et auxiliaires médicaux conventionnés. L’Assurance maladie "
           "y paie une part de vos cotisations, parce que vous respectez ses tarifs."),
        "CSS L646-1 et L722-4", ("pamc", "assurance maladie"),
    ),
    "pass": Entry(
        N_("PASS"), N_("Plafond de la Sécurité sociale"),
        N_("Le plafond annuel de la Sécurité sociale est un montant fixé chaque année, qui sert "
           "de mètre aux cotisations. Certaines ne se paient que sur la part du revenu qui est "
           "en dessous."),
        "CSS L241-3 et D242-17", ("plafond annuel de la sécurité", "plafonds", "pass "),
    ),
    "penalite": Entry(
        N_("Pénalité"), N_("Somme pour une déclaration manquante"),
        N_("Une somme due quand une déclaration n’arrive pas à temps, même sans recettes. Elle se "
           "conteste, et une première erreur de bonne foi peut en être dispensée."),
        "CSS R613-9 ; CRPA L123-1", ("pénalité",),
    ),
    "plafond_micro": Entry(
        N_("Plafond micro"), N_("Maximum pour rester micro"),
        N_("Le chiffre d’affaires à ne pas dépasser pour garder ce régime simple. Le dépasser "
           "deux années de suite vous en fait sortir."),
        "CGI 50-0 et 102 ter", ("plafond micro", "plafond de"),
    ),
    "recepisse": Entry(
        N_("Récépissé"), N_("Preuve d’envoi"),
        N_("Le document qui prouve que votre déclaration est arrivée, avec son jour, son heure et "
           "son numéro. Toute personne qui le reçoit peut vérifier qu’il est vrai."),
        "CRPA L112-11 et R112-11-2", ("récépissé",),
    ),
    "regime": Entry(
        N_("Régime"), N_("Jeu de règles"),
        N_("L’ensemble des règles qui valent pour votre métier : ce que vous déclarez, quand, et "
           "à quel taux. On en change quand la loi le permet, ou quand un seuil est dépassé."),
        "CSS L611-1 et L613-7", ("régime",),
    ),
    "regularisation": Entry(
        N_("Régularisation"), N_("Mise à niveau"),
        N_("La différence entre les acomptes demandés et ce qui était vraiment dû pour l’année. "
           "Elle vous est demandée, ou rendue."),
        "CSS L131-6-2", ("régularis",),
    ),
    "retraite_base": Entry(
        N_("Retraite de base"), N_("Premier étage de la retraite"),
        N_("La pension que la Sécurité sociale verse à tous ceux qui ont cotisé. Ce que vous "
           "payez compte en trimestres."),
        "CSS L131-6 et L633-1", ("retraite de base",),
    ),
    "retraite_complementaire": Entry(
        N_("Retraite complémentaire"), N_("Second étage de la retraite"),
        N_("Une pension obligatoire qui s’ajoute à la retraite de base. Ce que vous payez compte "
           "en points."),
        "CSS L635-1 et L921-1", ("retraite complémentaire",),
    ),
    "role_equipage": Entry(
        N_("Rôle d’équipage"), N_("Liste du bord"),
        N_("Le document qui nomme le navire, les marins à bord et leur fonction. La catégorie qui "
           "y est écrite fixe la base de vos cotisations."),
        "C. transports L5522-3", ("rôle d’équipage",),
    ),
    "rspm": Entry(
        N_("RSPM"), N_("Offre des médecins remplaçants"),
        N_("Le régime simplifié des professions médicales : un seul taux sur les honoraires de "
           "remplacement, tout compris. Il cesse quand les honoraires de l’année dépassent un "
           "plafond."),
        "CSS L642-4-2", ("rspm", "remplacement"),
    ),
    "salaire_forfaitaire": Entry(
        N_("Salaire forfaitaire"), N_("Base fixée par catégorie"),
        N_("Un salaire de référence, le même pour tous les marins d’une catégorie, qui sert de "
           "base à la place de ce que vous gagnez. Un arrêté le fixe chaque année."),
        "C. transports L5553-5", ("salaire forfaitaire", "retraite des marins", "prévoyance"),
    ),
    "siret": Entry(
        N_("SIRET"), N_("Numéro de votre établissement"),
        N_("Quatorze chiffres qui désignent l’endroit où vous travaillez. Vous le trouvez sur vos "
           "factures et sur le courrier de l’Insee."),
        "C. com. R123-221", ("siret",),
    ),
    "taxation_office": Entry(
        N_("Taxation d’office"), N_("Calcul fait sans vous"),
        N_("Quand une déclaration manque trop longtemps, le collecteur fixe lui-même un montant, "
           "toujours élevé. L’envoyer remplace ce calcul par le vrai."),
        "CSS R613-10", ("taxation d’office",),
    ),
    "taxe_chambre": Entry(
        N_("Taxe pour frais de chambre"), N_("Pour votre chambre de métiers ou de commerce"),
        N_("Elle paie les services de la chambre qui représente votre métier. Son taux dépend de "
           "l’activité, et il est plus élevé en Alsace et en Moselle."),
        "CGI 1600 et 1601", ("frais de chambre",),
    ),
    "versement_liberatoire": Entry(
        N_("Versement libératoire"), N_("Impôt payé en même temps"),
        N_("Vous payez votre impôt sur le revenu avec vos cotisations, à un taux fixe sur ce que "
           "vous encaissez. Il se choisit, sous une limite de revenu du foyer."),
        "CGI 151-0", ("versement libératoire",),
    ),
    "vrp": Entry(
        N_("VRP multicartes"), N_("Représentant de plusieurs maisons"),
        N_("Un salarié qui vend pour plusieurs employeurs à la fois. Chacun cotise de son côté, "
           "et ce qui dépasse un plafond vous est rendu si vous le demandez."),
        "CT L7311-3 ; CSS L241-3", ("vrp",),
    ),
}  # fmt: skip


def terms_in(texts: Iterable[str]) -> list[str]:
    """Codes of the terms that these French msgids speak of, in the order of the glossary."""
    said = " ".join(texts).casefold()
    return [
        code for code, entry in GLOSSARY.items() if any(mark in said for mark in entry.marks)
    ]  # fmt: skip
