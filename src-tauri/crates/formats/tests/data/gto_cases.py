"""Writes gto_cases.json: tags made by chance, and what GTO's own code says of them.

Run with a Python that has gto: python gto_cases.py 7 40 > gto_cases.json (a seed, and how many cases).
Left out are tags that take a stage from an unregistered commit, which GTO overlooks. `null` is where it refuses, as a
commit has several versions.
"""
import json, random, sys, warnings
warnings.filterwarnings("ignore")
from scmrepo.git.objects import GitTag
from gto.tag import find, index_tag, parse_name, name_tag
from gto.base import BaseRegistryState
from gto.constants import Action, VersionSort
from gto.exceptions import ManyVersions

class Scm:
    def __init__(self, tags): self.tags = {t.name: t for t in tags}
    def list_tags(self): return sorted(self.tags)
    def get_tag(self, name): return self.tags[name]

ACTIONS = [frozenset((Action.CREATE, Action.DEPRECATE)), frozenset((Action.REGISTER, Action.DEREGISTER)), frozenset((Action.ASSIGN, Action.UNASSIGN))]

def answer(tags):
    scm = Scm([GitTag(t["name"], "f"*40, t["commit"]*40, t["by"], "a@b.c", t["at"], 0, t["message"]) for t in tags])
    state = BaseRegistryState()
    for actions in ACTIONS:
        for tag in find(scm=scm, action=actions):
            state.update_artifact(index_tag(state.find_artifact(parse_name(tag.name)["name"], create_new=True), tag))
    out = {}
    for o in state.get_artifacts().values():
        vs = o.get_vstages(registered_only=False, assignments_per_version=-1, versions_per_stage=1, sort=VersionSort.Timestamp)
        latest = o.get_latest_version(registered_only=True)
        events = sorted((e for e in o.get_events()), key=lambda e: (e.created_at, e.priority))
        out[o.artifact] = {
            "latest": latest.version if latest else None,
            "active": o.is_active,
            "stages": {k: {"version": v[0].version, "commit": v[0].commit_hexsha[0], "by": v[0].author} for k, v in vs.items() if v},
            "versions": [[v.version, v.commit_hexsha[0], v.author] for v in o.get_versions(include_non_explicit=False)],
            "history": sorted([int(e.created_at.timestamp()), e.event, getattr(e, "version", None), getattr(e, "stage", None), e.tag] for e in events),
            "next": int(name_tag(Action.ASSIGN, o.artifact, stage="x", scm=scm).rsplit("#", 1)[1]),
        }
    return out

def case(rng):
    tags = {}
    per = {}
    for _ in range(rng.randint(1, 14)):
        art = rng.choice(["churn", "churn", "churn", "cv=pool"])
        commit = rng.choice("1234")
        kind = rng.random()
        count = rng.choice(["", "", f"#{rng.randint(1, 9)}"])
        # As gto writes them, a commit mostly has one number.
        version = {"1": "v1.0.0", "2": "v1.2.0-rc.1", "3": "v1.10.0", "4": "v1.2.0"}[commit]
        if rng.random() < .06: version = rng.choice(["v1.2.0-rc.10", "v2.0.0+a", "v2.0.0+b"])
        stage = rng.choice(["prod", "dev"])
        if kind < .35: body = f"@{version}"
        elif kind < .45: body = f"@{version}!"
        elif kind < .8: body = f"#{stage}"
        elif kind < .94: body = f"#{stage}!"
        else: body = "@deprecated"
        if kind < .94 and body.startswith("#") : count = f"#{rng.randint(1, 9)}"
        name = art + body + count
        if name in tags: continue
        tags[name] = dict(name=name, commit=commit, at=1_700_000_000 + rng.randint(0, 12), by=f"p{rng.randint(1,3)}", message=f"m {name}\n")
    return list(tags.values())

def left_unregistered(tags):
    known = {(parse_name(t["name"])["name"], t["commit"]) for t in tags if "@v" in t["name"]}
    return any("!" in t["name"] and "#" in t["name"].split("!")[0] and (parse_name(t["name"])["name"], t["commit"]) not in known for t in tags)

rng = random.Random(int(sys.argv[1])); n = int(sys.argv[2])
out = []
while len(out) < n:
    tags = case(rng)
    if left_unregistered(tags): continue
    try: a = answer(tags)
    except ManyVersions: a = None
    out.append({"tags": tags, "gto": a})
print("[\n" + ",\n".join(json.dumps(c) for c in out) + "\n]")
