"""What the synthetic complement is called: invented Members, tools and Deliverables."""

from collections.abc import Sequence

Pair = tuple[str, str]

MEMBERS: Sequence[tuple[str, str, str]] = (
    ("X-NORVALE", "Norvale (fictional)", "EUROPE"),
    ("X-BRUMELLE", "Brumelle (fictional)", "EUROPE"),
    ("X-ISLA-SERENA", "Isla Serena (fictional)", "AMERICAS"),
    ("X-COSTA-VERANA", "Costa Verana (fictional)", "AMERICAS"),
    ("X-UPPER-MARENA", "Upper Marena (fictional)", "ESA"),
    ("X-KILANDI", "Kilandi (fictional)", "ESA"),
    ("X-ZAFIRAH", "Zafirah (fictional)", "MENA"),
    ("X-ALMANDRA", "Almandra (fictional)", "MENA"),
    ("X-LUMBARA", "Lumbara (fictional)", "WCA"),
    ("X-PORT-CORAIL", "Port Corail (fictional)", "WCA"),
    ("X-TAMARIND-COAST", "Tamarind Coast (fictional)", "ASIA-PACIFIC"),
    ("X-KESTREL-ISLANDS", "Kestrel Islands (fictional)", "ASIA-PACIFIC"),
)

ECONOMY: Sequence[Pair] = (
    ("Guide on transit guarantees", "Guide sur les garanties en transit"),
    ("Checklist for transit corridors", "Liste de contrôle pour les couloirs de transit"),
    ("Model interface for inland terminals", "Interface type pour les terminaux intérieurs"),
    ("Guide on rulings for small traders", "Guide sur les décisions pour les petits opérateurs"),
    ("Template for measuring waiting times", "Modèle de mesure des temps d’attente"),
    ("Note on recognizing partner programmes", "Note sur la reconnaissance des programmes"),
    ("Data mapping for perishable goods", "Mise en correspondance pour les denrées périssables"),
    ("Guide on temporary admission", "Guide sur l’admission temporaire"),
    ("Guide on bonded storage", "Guide sur l’entreposage sous douane"),
    ("Checker for transit declarations", "Vérificateur de déclarations de transit"),
    ("Guide on advance lodgement", "Guide sur le dépôt anticipé"),
    ("Model agreement between border posts", "Accord type entre postes frontière"),
    ("Guide on returned parcels", "Guide sur les colis retournés"),
    ("Template for a traders' forum", "Modèle de forum des opérateurs"),
)

REVENUE: Sequence[Pair] = (
    ("Guide on sampling after clearance", "Guide sur l’échantillonnage après dédouanement"),
    ("Note on origin of small consignments", "Note sur l’origine des petits envois"),
    ("Guide on simple revenue forecasts", "Guide sur les prévisions simples de recettes"),
    ("Checklist for audits after clearance", "Liste de contrôle pour les contrôles a posteriori"),
    ("Guide on refunds", "Guide sur les remboursements"),
    ("Template for ruling requests", "Modèle de demande de décision"),
    ("Guide on the value of samples", "Guide sur la valeur des échantillons"),
    ("Note on mixed goods", "Note sur les marchandises mélangées"),
)

ADVICE: Sequence[Pair] = (
    ("Advice on the value of used machinery", "Avis sur la valeur des machines d’occasion"),
    ("Advice on sharing freight costs", "Avis sur la répartition des frais de transport"),
    ("Decision on a kit of tools", "Décision sur un assortiment d’outils"),
    ("Advice on origin of repaired goods", "Avis sur l’origine des marchandises réparées"),
)

ENFORCEMENT: Sequence[Pair] = (
    ("Risk indicators for container seals", "Indicateurs de risque pour les scellés"),
    ("Case book on concealment in machinery", "Recueil de cas de dissimulation"),
    ("Checklist for scanner images", "Liste de contrôle pour les images de scanner"),
    ("Guide on searching small vessels", "Guide sur la fouille de petits bateaux"),
    ("Guide on parcels at risk", "Guide sur les colis à risque"),
    ("Note on informants", "Note sur les informateurs"),
    ("Profiles for cold cargo", "Profils pour les marchandises réfrigérées"),
    ("Guide on detector dogs", "Guide sur les chiens détecteurs"),
    ("Checklist for free zones", "Liste de contrôle pour les zones franches"),
    ("Guide on evidence", "Guide sur les preuves"),
    ("Template for joint planning", "Modèle de planification conjointe"),
    ("Guide on cash couriers", "Guide sur les passeurs de fonds"),
)

ORGANIZATION: Sequence[Pair] = (
    ("Self-assessment of training units", "Auto-évaluation des unités de formation"),
    ("Guide on job rotation", "Guide sur la rotation des postes"),
    ("Guide on mentoring new officers", "Guide sur le tutorat des nouveaux agents"),
    ("Digest on codes of conduct", "Recueil sur les codes de conduite"),
    ("Guide on staff surveys", "Guide sur les enquêtes auprès du personnel"),
    ("Template for a training plan", "Modèle de plan de formation"),
    ("Guide on complaints", "Guide sur les réclamations"),
    ("Guide on handing over posts", "Guide sur la passation de service"),
)

KYOTO: Sequence[Pair] = (
    ("Guide on simple appeals", "Guide sur les recours simples"),
    ("Commentary on free-zone records", "Commentaire sur les registres des zones franches"),
    ("Checklist before ratification", "Liste de contrôle avant ratification"),
    ("Guide on travellers' procedures", "Guide sur les procédures des voyageurs"),
)

MEASURING: Sequence[Pair] = (
    ("Starter set of measures", "Jeu de mesures de départ"),
    ("Guide on asking traders", "Guide sur les enquêtes auprès des opérateurs"),
    ("Template for a yearly review", "Modèle de bilan annuel"),
    ("Guide on reading figures", "Guide de lecture des chiffres"),
)

DIGITAL: Sequence[Pair] = (
    ("Primer on clean data", "Abrégé sur les données propres"),
    ("Notebook on outliers", "Cahier sur les valeurs aberrantes"),
    ("Guide on trying a blockchain", "Guide d’essai d’une chaîne de blocs"),
    ("Template for a data catalogue", "Modèle de catalogue de données"),
    ("Guide on open interfaces", "Guide sur les interfaces ouvertes"),
)

COMPENDIUMS: Sequence[Pair] = (
    ("Compendium of practices on lockers", "Recueil de pratiques sur les consignes"),
    ("Compendium of model letters", "Recueil de lettres types"),
    ("Compendium of small projects", "Recueil de petits projets"),
    ("Compendium of audit findings", "Recueil de constats d’audit"),
)

KNOWLEDGE: Sequence[Pair] = (
    ("Seminar on green corridors", "Séminaire sur les couloirs verts"),
    ("Online session on transit data", "Session en ligne sur les données de transit"),
    ("Exchange meeting on detector dogs", "Réunion d’échange sur les chiens détecteurs"),
    ("Workshop on risk profiles", "Atelier sur les profils de risque"),
    ("Seminar on border posts", "Séminaire sur les postes frontière"),
    ("Forum on small parcels", "Forum sur les petits colis"),
    ("Workshop on reading scans", "Atelier sur la lecture des images"),
    ("Exchange meeting on rulings", "Réunion d’échange sur les décisions"),
    ("Seminar on cruise passengers", "Séminaire sur les croisiéristes"),
    ("Workshop on selecting parcels", "Atelier sur la sélection des colis"),
    ("Forum on the quality of data", "Forum sur la qualité des données"),
    ("Workshop on training trainers", "Atelier de formation de formateurs"),
    ("Seminar on free zones", "Séminaire sur les zones franches"),
)

CATCH_UP: Sequence[Pair] = (
    ("Joint session to catch up, first week", "Session commune de rattrapage, première semaine"),
    ("Joint session to catch up, second week", "Session commune de rattrapage, deuxième semaine"),
)

RESEARCH: Sequence[Pair] = (
    ("Working paper on waiting times", "Document de travail sur les temps d’attente"),
    ("Working paper on seasonal trade", "Document de travail sur le commerce saisonnier"),
    ("Working paper on informal trade", "Document de travail sur le commerce informel"),
    ("Working paper on small ports", "Document de travail sur les petits ports"),
    ("Working paper on fees", "Document de travail sur les redevances"),
)

OPERATIONS: Sequence[Pair] = (
    ("Joint operation HERON (fictional)", "Opération conjointe HERON (fictive)"),
    ("Joint operation LANTERN (fictional)", "Opération conjointe LANTERN (fictive)"),
    ("Joint operation JUNIPER (fictional)", "Opération conjointe JUNIPER (fictive)"),
    ("Joint operation WILLOW (fictional)", "Opération conjointe WILLOW (fictive)"),
)

STRATEGY: Sequence[Pair] = (
    ("Communication Strategy developed", "Stratégie de communication élaborée"),
    ("Its indicators identified", "Ses indicateurs définis"),
    ("Its indicators met", "Ses indicateurs atteints"),
)

AUDIT: Sequence[Pair] = (
    ("Audit Plan developed", "Plan d’audit élaboré"),
    ("Audit Plan agreed by the Audit Committee", "Plan d’audit approuvé par le Comité d’audit"),
    ("Audits of the first half done", "Audits du premier semestre effectués"),
    ("Audits of the second half done", "Audits du second semestre effectués"),
)

OFFICE: Sequence[Pair] = (
    ("Survey of workloads", "Enquête sur la charge de travail"),
    ("Review of posts", "Examen des postes"),
)

INVITATIONS: Sequence[str] = (
    "Conference on trade corridors (fictional)",
    "Exhibition of scanners (fictional)",
    "Forum on regional transport (fictional)",
    "Round table on parcels (fictional)",
    "Congress on ports (fictional)",
    "Assembly on statistics (fictional)",
    "Days of the forwarders (fictional)",
    "Conference on food safety (fictional)",
    "Summit on digital trade (fictional)",
    "Forum on integrity (fictional)",
    "Workshop of insurers (fictional)",
    "Conference on wildlife (fictional)",
    "Fair of logistics (fictional)",
    "Conference on small states (fictional)",
    "Forum of express carriers (fictional)",
    "Assembly on transit (fictional)",
)
