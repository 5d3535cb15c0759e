"""How far an annotator agrees with the gold frames, on the Label page, and everyone, on the Balance page."""

import pandas as pd
import streamlit as st

from core.access.person import Role, current
from core.labels.labels import called
from core.media.library import videos
from core.review import gold
from core.review.gold import Score, gold_scores
from core.text import count
from core.workspace import Workspace
from ui.balance.disputes import may_decide
from ui.elements import answer_chips
from ui.elements.markdown import md
from ui.shell import frames as stretches
from ui.shell.page import annotator, fragment, rerun_with

NONE = (
    "There are no gold frames yet. An instructor vouches for the answers of a gold frame; everyone who labels it learns "
    "how far they agree. Decide some frames under Disputes and make them gold, or choose frames that you have labelled yourself."
)


@fragment
def section(workspace: Workspace) -> None:
    """Write, folded away, how far the annotator agrees with the gold frames, and those that were missed."""
    # Labels come in without a run of the page, so they are counted when it is opened.
    icon = ":material/sports_score:"
    panel = st.expander("How am I doing?", icon=icon, key="how_am_i_doing", on_change="rerun")
    if panel.open:
        with panel:
            _mine(workspace)


@fragment
def table(workspace: Workspace) -> None:
    """Write how far everyone agrees with the gold frames, and let the instructor choose these."""
    st.header("Gold frames", anchor=False)
    if not may_decide(workspace):
        st.caption("Only instructors see this table. See the Label page for how you are doing.")
        return
    right = gold.gold(workspace)
    if right.empty:
        st.info(NONE, icon=":material/star:")
    else:
        _scores(gold_scores(workspace).scores)
        frames, where = right.groupby(["video", "index"]).ngroups, right["video"].nunique()
        st.caption(
            f"Right answers, of those given on gold frames. There are {count(frames, 'gold frame')} in {count(where, 'video')}. "
            "Nobody is measured by frames that they vouch for themselves."
        )
    if not workspace.instructors and current().role == Role.OWNER:
        st.caption("Everyone sees which frames are gold until instructors are named in workspace.toml.")
    with st.expander("Choose gold frames", icon=":material/star:"):
        _add(workspace)
        _list(workspace, right)


def _mine(workspace: Workspace) -> None:
    found = gold_scores(workspace, annotator())
    answered = [score for score in found.scores if score.answered]
    if not answered:
        st.caption(
            "Nothing to compare yet. An instructor can make frames gold: their right answers are known. Once you have labelled some "
            "of them, you see here how far you agree. Which frames they are you learn afterwards."
        )
        return
    st.markdown("**Your right answers on gold frames**")
    answer_chips.row(
        answer_chips.chip(workspace.attributes[score.attribute], _share(score)) for score in answered
    )
    if found.missed.empty:
        st.success("All your answers on gold frames are right.", icon=":material/check_circle:")
    else:
        _missed(workspace, found.missed)


def _missed(workspace: Workspace, missed: pd.DataFrame) -> None:
    missed["number"] = stretches.numbered(workspace, missed, ["attribute", "answer"])
    st.markdown(f"**You missed {count(len(missed), 'answer')}**. Look again, and correct what was wrong.")
    for number, column in stretches.cards(int(missed["number"].iloc[-1]) + 1, "missed_page"):
        part = missed[missed["number"] == number].reset_index(drop=True)
        middle = part.iloc[len(part) // 2]
        attribute = workspace.attributes[middle["attribute"]]
        with column.container(border=True):
            st.image(stretches.card(workspace, middle["name"]), width="stretch", alt=middle["name"])
            st.markdown(f"**{md(stretches.where(part))}**")
            answer_chips.row(
                answer_chips.chip(
                    attribute, f"{who}: {answer_chips.meaning(attribute, bool(value))}", bool(value)
                )
                for who, value in (("You", middle["answer"]), ("Gold", middle["right"]))
            )


def _share(score: Score) -> str:
    frames, where = count(score.answered, "frame"), count(score.videos, "video")
    return f"{score.attribute}: {score.right:,} of {frames}, in {where}"


def _scores(scores: list[Score]) -> None:
    if not scores:
        st.info("Nobody else has labelled a gold frame yet.", icon=":material/hourglass_empty:")
        return
    rows = pd.DataFrame(map(vars, scores))
    rows["annotator"] = rows["annotator"].map(called)
    rows["text"] = [f"{s.right:,} of {s.answered:,}" if s.answered else "–" for s in scores]
    names = rows["attribute"].unique()
    square = rows.pivot(index="annotator", columns="attribute", values="text").rename_axis("Annotator")
    st.dataframe(square[names].reindex(rows["annotator"].unique()), width="stretch", height="content")


def _add(workspace: Workspace) -> None:
    row = st.container(horizontal=True, vertical_alignment="bottom")
    there = [video.key for video in videos(workspace) if video.frames]
    video = row.selectbox("Video", there, key="gold_video")
    first = row.number_input("First frame", min_value=0, key="gold_first", width=140)
    last = row.number_input("Last frame", min_value=0, key="gold_last", width=140)
    if row.button("Make gold", icon=":material/star:", disabled=last < first):
        number = gold.add_gold(workspace, annotator(), video, int(first), int(last))
        rerun_with(f"{count(number, 'frame')} made gold.")
    st.caption("The right answers are those decided under Disputes, else your own.")


def _list(workspace: Workspace, right: pd.DataFrame) -> None:
    if right.empty:
        return
    frames = right.drop_duplicates(["video", "index"]).reset_index(drop=True)
    number = stretches.numbered(workspace, frames, [])
    parts = {stretches.where(part): part for _, part in frames.groupby(number)}
    row = st.container(horizontal=True, vertical_alignment="bottom")
    chosen = row.selectbox("Gold frames", list(parts), key=f"gold_of_{len(frames)}")
    if row.button("Remove from gold", icon=":material/undo:"):
        gold.remove_gold(workspace, annotator(), *stretches.span(parts[chosen]))
        rerun_with(f"{chosen}: no longer gold. The decisions stay.")
