"""Add videos and pictures: from an upload, the camera, or the inbox of the server."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from functools import partial
from pathlib import Path, PurePath

import streamlit as st
from streamlit_webrtc import WebRtcMode, WebRtcStreamerContext, webrtc_streamer

from core.errors import SeamLensError
from core.exchange.add_pictures import Addition, add_several
from core.exchange.folder_layout import EXPLAINED, MEANINGS, Meaning
from core.exchange.preview_folder import preview_path, tables_of
from core.exchange.store_pictures import AddedFolder, is_blank
from core.exchange.uploads import Upload, take
from core.files import is_system_file
from core.jobs.background import BACKGROUND, Line, Task, nothing_more
from core.live.camera_recorder import recording_name
from core.lookup_tables.answers import beside
from core.lookup_tables.column_meanings import TableOptions
from core.media.transaction import adding_now
from core.scratch import make_temporary_folder
from core.text import count, duration, listed
from core.videos.add_video import FORMATS, Added, add_video
from core.videos.forecast import Forecast, forecast
from core.workspace import Workspace
from core.zips import ENDING as ZIP
from ui.elements import uploads
from ui.elements.markdown import code, md
from ui.elements.upload_field import upload_field
from ui.server.webrtc_component import register_component
from ui.shell import background_jobs, lookup_tables, steps
from ui.shell.page import annotator, errors_shown, show_error
from ui.videos.recorder import Recorder, keep_recording

CAMERA = "record"
INBOX = "add from the inbox"
"""Key of the job."""

Part = Added | AddedFolder | SeamLensError
"""What became of something that was to be added."""


def upload(workspace: Workspace) -> None:
    """Add video files, or zips of folders of pictures, from the user's computer."""
    turn = st.session_state.setdefault("upload_turn", 0)  # another key empties the field
    chosen = upload_field(workspace, "Videos, or zips of photos", [*FORMATS, ".zip"], f"upload_{turn}")
    files = chosen.uploads
    st.caption(
        "Photos: zip their folder and upload the zip. You are asked what the folders in it are: classes (`Apple`, `Orange` …), groups, "
        "or parts of a split (`Training`, `Validation`, `Test`). A lookup table beside the photos works, too."
    )
    every, salvage = _how("upload")
    _foretell(workspace, [(upload.file, upload.id) for upload in files], every)
    asked = _ask_about(workspace, files)
    _say_who_adds(workspace)
    label = f"Add {len(files)} files" if len(files) > 1 else "Add the file"
    if st.button(
        label,
        type="primary",
        disabled=not files or chosen.is_busy or any(a is None for a in asked.values()),
        icon=":material/add:",
    ):
        paths = take(workspace, files)
        wanted = [_addition(path, asked.get(each.id)) for path, each in zip(paths, files, strict=True)]
        at_end = uploads.removal(paths[0].parent)
        task = _task(f"add {uploads.version(files)}", workspace, wanted, every, salvage, at_end)
        st.session_state["upload_turn"] = turn + 1
        background_jobs.begin_and_rerun(workspace, task)


def _addition(path: Path, asked: "Asked | None") -> Addition:
    return Addition(path, asked.meaning, asked.options) if asked else Addition(path)


def _task(
    key: str,
    workspace: Workspace,
    wanted: Sequence[Addition],
    every: int,
    salvage: bool,
    at_end: Callable[[bool], str] = nothing_more,
) -> Task:
    title = f"Adding {listed([each.path.name for each in wanted], most=2)}"
    given = workspace.path, wanted, every, salvage
    so_far = partial(added_so_far, wanted)
    return Task(key, title, ("Videos",), add_several, given, _sentences, at_end, so_far)


def _sentences(parts: Sequence[Part]) -> list[Line]:
    return [part if isinstance(part, SeamLensError) else _sentence(part) for part in parts]


def added_so_far(wanted: Sequence[Addition], parts: Sequence[Part]) -> str:
    """Say what was added before a job that adds several things was ended: it stays."""
    added = [part for part in parts if not isinstance(part, SeamLensError)]
    if all(_is_video(each.path) for each in wanted):
        return f"{len(added)} of {len(wanted)} videos were added." if len(wanted) > 1 else ""
    return f"Already added: {listed(map(_name, added), most=4)}." if added else ""


def _name(added: Added | AddedFolder) -> str:
    return added.video.key if isinstance(added, Added) else count(added.pictures, "picture")


def _sentence(added: Added | AddedFolder) -> str:
    if isinstance(added, Added) and added.is_new:
        return " ".join([f"{added.video.key} is ready to label.", *added.notes])
    return added.summary()


def remember_added(workspace: Workspace) -> None:
    """Remember the video that was added last for whoever is here: labelling it comes next."""
    for job in BACKGROUND.ended(workspace, annotator()):
        if new := [part.video.key for part in job.parts or [job.result] if isinstance(part, Added)]:
            st.session_state[steps.ADDED] = new[-1]


@dataclass(frozen=True)
class Asked:
    """What somebody said of a folder or zip: what its folders mean, and how its tables are read."""

    meaning: Meaning | None
    options: TableOptions


def _ask_about(workspace: Workspace, files: Sequence[Upload]) -> dict[str, Asked | None]:
    """Show what zips hold and ask what they leave open, by the id of the upload; None stands for one that is not answered, or
    cannot be read.
    """
    asked: dict[str, Asked | None] = {}
    for upload in files:
        if upload.file.suffix.lower() == ZIP:
            try:
                asked[upload.id] = _ask(workspace, upload.file, f"upload_{upload.name}_{upload.id}")
            except SeamLensError as error:
                show_error(error)
                asked[upload.id] = None
    return asked


def _ask(workspace: Workspace, path: Path, key: str) -> Asked | None:
    """Show what a folder or zip holds, how its tables are read, and ask what it leaves open."""
    found = preview_path(workspace.path, path, read=False)
    held = [
        count(number, kind)
        for number, kind in ((found.pictures, "picture"), (found.videos, "video"))
        if number
    ]
    st.markdown(f"**{md(path.name)}**: {md(', '.join(held)) or 'no pictures or videos'}")
    if found.layout is None:
        return Asked(None, _tables(workspace, path, key))
    if found.layout.is_flat:
        return Asked(None, TableOptions())
    default = found.layout.meaning or found.layout.likely
    st.caption(f"Its folders: {md(listed(found.layout.folders, most=12))}.")
    meaning = st.segmented_control(
        f"What are the folders of {md(path.name)}?", MEANINGS, default=default, key=f"meaning_{key}",
        format_func=str.capitalize, help=". ".join(f"{md(word.capitalize())}: {md(text)}" for word, text in EXPLAINED.items()),
    )  # fmt: skip
    if meaning is None:
        st.warning("Say what the folders are before you add them.", icon=":material/help:")
        return None
    st.caption(f"{md(meaning.capitalize())}: {EXPLAINED[meaning]}.")
    if meaning == "classes" and is_blank(workspace):
        st.caption(f"They take the place of the attributes {md(listed(workspace.attributes.names))}.")
    return Asked(meaning, TableOptions())


def _tables(workspace: Workspace, path: Path, key: str) -> TableOptions:
    """Show how the tables of a folder or zip are read, and ask what they leave open."""
    with tables_of(path) as files:
        options = lookup_tables.choices(workspace, files, key) if files else TableOptions()
    found = preview_path(workspace.path, path, options)
    lookup_tables.columns_read(found.columns)
    for note in beside(found.notes, found.columns):
        st.caption(md(note))
    return options


def _say_who_adds(workspace: Workspace) -> None:
    """Say for whom the next addition has to wait."""
    if not BACKGROUND.running(workspace) and (words := adding_now(workspace)):
        st.caption(f":material/hourglass_top: {md(words)} The next addition waits for it.")


def _how(key: str) -> tuple[int, bool]:
    """Ask which frames of a video are used, and whether damaged videos are added as far as they can be read."""
    help = "1 uses all. Neighbouring pictures are nearly the same: with 5 there is five times less to label."
    row = st.container(horizontal=True, vertical_alignment="bottom")
    every = row.number_input("Use every … picture", 1, 1000, 1, key=f"{key}_every", width=220, help=help)
    salvage = row.checkbox("Add what can be read of damaged videos", key=f"{key}_salvage")
    return int(every), salvage


def _foretell(workspace: Workspace, videos: Sequence[tuple[Path, str]], every: int) -> None:
    """Say how long it takes to add videos and how much disk; each with a text that tells it from others."""
    told = [
        _forecast(file, name, workspace.quality, workspace.half_colour)
        for file, name in videos
        if _is_video(file)
    ]
    whole = [each for each in told if each is not None]
    if not whole:
        return
    total = Forecast(*(sum(values) for values in zip(*map(astuple, whole), strict=True)))
    st.caption(f":material/schedule: {md(total.sentence(every))}")
    if total.bytes // every > shutil.disk_usage(workspace.path).free:
        st.warning("The disk has not enough room for that. Use fewer frames, or free some space.")


def _is_video(file: Path) -> bool:
    return Path(file.name).suffix.lower() in FORMATS


@st.cache_data(max_entries=200, show_spinner="Looking at the videos …")
def _forecast(_file: Path, name: str, quality: int, half_colour: bool) -> Forecast | None:
    return forecast(_file, quality, half_colour)


def inbox(workspace: Workspace) -> None:
    """Add what lies in the inbox of the workspace on the server."""
    inbox = workspace.inbox
    places = sorted(path for path in inbox.glob("*")
                    if not is_system_file(PurePath(path.name)) and (path.is_dir() or path.suffix.lower() in (*FORMATS, ".zip")))  # fmt: skip
    st.markdown(f"Copy videos or folders of pictures to {code(inbox)} on the server, then add them here.")
    if not places:
        st.info("The inbox is empty.", icon=":material/inbox:")
        return
    chosen = st.multiselect("In the inbox", places, default=places, format_func=lambda path: path.name)
    every, salvage = _how("inbox")
    files = [(path, f"{path} {path.stat().st_mtime_ns}") for path in chosen if path.is_file()]
    _foretell(workspace, files, every)
    asked = {
        path: _ask(workspace, path, f"inbox_{path.name}")
        for path in chosen
        if path.is_dir() or path.suffix.lower() == ".zip"
    }
    ready = bool(chosen) and all(asked.values()) and not background_jobs.is_running(workspace, INBOX)
    _say_who_adds(workspace)
    if st.button("Add from the inbox", type="primary", disabled=not ready, icon=":material/add:"):
        wanted = [_addition(path, asked.get(path)) for path in chosen]
        background_jobs.begin_and_rerun(workspace, _task(INBOX, workspace, wanted, every, salvage))


def record(workspace: Workspace) -> None:
    """Record a video from the camera of this browser."""
    register_component()
    left, right = st.columns([3, 2], gap="large")
    with left:
        context = webrtc_streamer(
            key=CAMERA, mode=WebRtcMode.SENDRECV, video_processor_factory=Recorder,
            rtc_configuration={"iceServers": []}, media_stream_constraints={"video": True, "audio": False},
        )  # fmt: skip
    with right:
        note = st.text_input("Note", placeholder="blue denim, 2 mm", help="Becomes part of the file’s name")
        seconds = 1 if camera_is_on() else None
        st.fragment(_record_buttons, run_every=seconds)(workspace, context, note)


def camera_is_on() -> bool:
    """Return whether this browser's camera runs for a recording, or is about to."""
    context = st.session_state.get(CAMERA)
    return isinstance(context, WebRtcStreamerContext) and (context.state.playing or context.state.signalling)


@errors_shown()
def _record_buttons(workspace: Workspace, context: WebRtcStreamerContext, note: str) -> None:
    recorder = context.video_processor  # asked anew each time: it comes a while after “Start”
    if recorder is None:
        st.caption(
            "Press **Start** to see the camera, then record. "
            "Browsers give a camera only to pages on **localhost** or over **HTTPS**."
        )
        return
    if not recorder.recording:
        if st.button("Record", type="primary", icon=":material/fiber_manual_record:"):
            folder = make_temporary_folder(workspace.path, "record")
            recorder.start(folder / recording_name(datetime.now(), note))
            st.rerun(scope="fragment")
        st.caption("The camera is on. Nothing is recorded yet.")
        return
    stop = st.button("Stop and add", type="primary", icon=":material/stop:")
    lost = f", {count(recorder.dropped, 'frame')} lost" if recorder.dropped else ""
    st.markdown(f":red[:material/fiber_manual_record:] Recording, {duration(recorder.seconds)}{md(lost)}")
    if stop:
        path = recorder.stop()
        background_jobs.begin_and_rerun(workspace, _recording(workspace, path))


def _recording(workspace: Workspace, path: Path) -> Task:
    adding = partial(add_video, origin="camera")
    return Task(
        f"add {path.name}", f"Adding {path.name}", ("Videos",), adding, (workspace, path),
        lambda added: [_sentence(added)], partial(keep_recording, workspace, path),
    )  # fmt: skip
