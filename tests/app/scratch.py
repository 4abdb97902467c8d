# SPDX-License-Identifier: GPL-3.0-or-later
"""A project with a tiny model that learns in seconds, made by attunectl as a person would on the command line."""
import os
import pathlib
import shutil
import subprocess

SOURCE = pathlib.Path(__file__).resolve().parents[2]
TINY_MODEL = SOURCE / "tests" / "golden" / "tiny-llama.gguf"
ATTUNE = os.environ["ATTUNE"]  # the programs to test; meson test sets both
ATTUNECTL = os.environ["ATTUNECTL"]
# What the model can learn in a few steps: the endings of made-up terms say what they mean.
PARTS = {"cardi": "the heart", "derm": "the skin", "gastr": "the stomach", "neur": "the nerves",
         "nephr": "the kidney", "oste": "the bone", "hepat": "the liver", "pneum": "the lung",
         "arthr": "the joint", "my": "the muscle"}
ENDS = {"itis": "inflammation of", "algia": "pain in", "ectomy": "removal of", "osis": "disease of",
        "opathy": "illness of", "ology": "study of"}


def attunectl(*words):
    run = subprocess.run([ATTUNECTL, *map(str, words)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, f"attunectl {' '.join(map(str, words))}: {run.returncode}\n{run.stderr}{run.stdout}"
    return run.stdout


def write_table(path):
    """Sixty good rows and a broken one."""
    rows = [f"What is {part}{end}?,{meaning.capitalize()} {organ}.,terms"
            for part, organ in PARTS.items() for end, meaning in ENDS.items()]
    rows.insert(20, "this row has one column")
    path.write_text("\n".join(["question,answer,topic", *rows]) + "\n", encoding="utf-8")
    return path


def put_model():
    """Puts the tiny model where the app looks for models.  Returns its path there."""
    folder = pathlib.Path(os.environ["XDG_DATA_HOME"]) / "attune" / "models"
    folder.mkdir(parents=True, exist_ok=True)
    return pathlib.Path(shutil.copy(TINY_MODEL, folder / "Tiny.gguf"))


def make_project(folder, steps=30):
    """A project from the table to the exported model."""
    project = folder / "Terms.attune"
    attunectl("new", project, "--model", put_model())
    attunectl("import", project, write_table(folder / "terms.csv"))
    attunectl("prepare", project)
    attunectl("plan", project, "--lora-rank", 4, "--max-steps", steps, "--batch-size", 8, "--learning-rate", 0.01)
    attunectl("tune", project)
    attunectl("evaluate", project, "--answers", 4, "--answer-tokens", 8)
    attunectl("export", project, "--format", "gguf-q8_0")
    return project


def make_locale(folder, name="en_US"):
    """A locale that this machine may not have.  Returns the environment that it takes: in the plain one, C, the GNU C
    library translates nothing; or None where it cannot be made."""
    try:
        subprocess.run(["localedef", "--inputfile", name, "--charmap", "UTF-8", folder / f"{name}.UTF-8"],
                       capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return {"LOCPATH": str(folder), "LC_ALL": f"{name}.UTF-8"}
