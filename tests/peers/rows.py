# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions and answers for the batches, written for this purpose."""

ROWS = [
    ("What is tachycardia?", "An abnormally rapid heartbeat, over 100 beats per minute in an adult at rest."),
    ("What is meant by hepatitis?", "Inflammation of the liver."),
    ("Define the medical term edema.", "Swelling from an excessive accumulation of watery fluid in the cells, tissues, or "
     "cavities of the body."),
    ("What does an otoscope do?", "It lights up the ear canal so that a physician can look at the eardrum."),
    ("Explain \"anaphylaxis\" in one sentence.", "It is a severe, rapid allergic reaction of the whole body which may be "
     "fatal without adrenaline."),
    ("Which organ makes insulin?", "The pancreas."),
    ("What is a 12-lead ECG?", "A recording of the heart's electrical activity from 12 different angles;\nit takes about "
     "10 seconds."),
    ("What is osteoporosis?", "A condition in which the bones lose calcium, become porous and break easily, most often in "
     "women after the menopause."),
    ("What is a cataract?", "Clouding of the natural lens of the eye."),
    ("What is the aorta?", "The large artery that carries blood from the left ventricle of the heart to the branch "
     "arteries of the body."),
    ("What is anemia?", "A deficiency of red blood cells or of hemoglobin in the blood."),
    ("What is a biopsy?", "The removal of a small piece of tissue in order to examine it for disease."),
    ("What is dyspnea?", "Difficult or laboured breathing; shortness of breath."),
    ("What is a fracture?", "The breaking of a bone, for example by an injury or by a disease of the bone."),
    ("What is an antibody?", "A protein of the blood that the immune system makes against a foreign substance."),
    ("What does nephrology deal with?", "The branch of medicine that deals with the kidney and its diseases."),
    ("What is the meaning of the word prognosis?", "A prediction of how a disease will develop and end."),
    ("What is an embolus?", "An abnormal particle, such as an air bubble or part of a clot, that travels in the blood."),
    ("What is pneumonia?", "An inflammation of the lungs, caused by bacteria or by a virus."),
    ("What is a syringe?", "An instrument with a needle for injecting or for drawing off fluids."),
]
SYSTEM = "You answer questions about medical terms in one sentence."


def conversation(row, system=None, answered=True):
    """The messages of ROWS[row]."""
    question, answer = ROWS[row]
    out = [{"role": "system", "content": system}] if system else []
    out.append({"role": "user", "content": question})
    return out + ([{"role": "assistant", "content": answer}] if answered else [])
