"""The five categories of activity, in the order of the official declaration."""

from __future__ import annotations

from typing import Literal

Category = Literal[
    "vente", "service_bic", "service_bnc", "service_bnc_cipav", "meuble_tourisme_classe"
]
Nature = Literal["commerciale", "artisanale", "liberale"]

CATEGORIES: tuple[Category, ...] = (
    "vente", "service_bic", "service_bnc", "service_bnc_cipav", "meuble_tourisme_classe",
)  # fmt: skip

LABELS: dict[str, str] = {
    "vente": "Vente de marchandises (BIC)",
    "service_bic": "Prestations de services (BIC)",
    "service_bnc": "Autres prestations de services (BNC)",
    "service_bnc_cipav": "Prestations de services (BNC, Cipav)",
    "meuble_tourisme_classe": "Location de meublés de tourisme classés",
}
"""French msgids, as the lines of the declaration are named."""

PLATFORM_LABELS: dict[str, str] = {
    "vente": "Vente de marchandises (BIC), déjà retenu par une plateforme",
    "service_bic": "Prestations de services (BIC), déjà retenu par une plateforme",
    "service_bnc": "Autres prestations de services (BNC), déjà retenu par une plateforme",
    "service_bnc_cipav": "Prestations de services (BNC, Cipav), déjà retenu par une plateforme",
    "meuble_tourisme_classe": "Location de meublés classés, déjà retenu par une plateforme",
}

BNC = frozenset({"service_bnc", "service_bnc_cipav"})
SALES = frozenset({"vente"})
"""Categories under the higher ceiling; the others are services (CGI 50-0)."""

FUNDS: tuple[str, ...] = (
    "maladie_maternite", "indemnites_journalieres", "invalidite_deces", "retraite_base",
    "retraite_complementaire", "csg_crds",
)  # fmt: skip
