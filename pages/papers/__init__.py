"""The papers that leaders sign: what stands on each, asked of the queries and handed to the exports.

A paper asks its questions itself, not through the pages' cache: who has it made says for whom
(``queries.sight.seeing``) and in which language, and it may be made without a page around it.
"""

from pages.papers import booklet, bulletin, dossier, ranking
from pages.papers.paper import Done, Made, Paper

__all__ = ["PAPERS", "Done", "Made", "Paper"]

PAPERS = {
    "bulletin": Paper("履职通报", "county", "pdf", bulletin.make),
    "ranking": Paper("排名工作簿", "county", "xlsx", ranking.make),
    "booklet": Paper("镇街手册", "township", "pdf", booklet.make),
    "dossiers": Paper("全部履职档案", "township", "pdf", dossier.make_all),
    "dossier": Paper("履职档案", "delegate", "pdf", dossier.make),
}
