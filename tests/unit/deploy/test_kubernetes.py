"""The manifests in deploy/kubernetes: the job's rules and rights, claims of any size, and metrics that are pushed."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from scanner.cli.metrics_push import destination
from tests.support.deployed import DEPLOY, taken

FOLDER = DEPLOY / "kubernetes"


@pytest.fixture(scope="module")
def kubernetes() -> dict[str, Any]:
    volume, cron = yaml.safe_load_all((FOLDER / "cronjob.yaml").read_text())
    assert (volume["kind"], cron["kind"], cron["apiVersion"]) == ("PersistentVolumeClaim", "CronJob", "batch/v1")
    assert volume["metadata"]["name"] == "reserve-scanner"
    found: dict[str, Any] = cron["spec"]
    return found


def test_the_cron_job_never_runs_twice_at_once_and_has_an_end(kubernetes: dict[str, Any]) -> None:
    assert kubernetes["concurrencyPolicy"] == "Forbid"
    assert len(kubernetes["schedule"].split()) == 5
    assert kubernetes["jobTemplate"]["spec"]["activeDeadlineSeconds"] > 3600
    assert kubernetes["startingDeadlineSeconds"] > 10


def test_the_pod_failure_policy_decides_by_our_exit_codes(kubernetes: dict[str, Any]) -> None:
    job = kubernetes["jobTemplate"]["spec"]
    pod = job["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["restartPolicy"] == "Never"  # without which the policy is refused
    drained, final, again = job["podFailurePolicy"]["rules"]
    assert drained == {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}

    def action(code: int) -> str:
        """Of the first rule that fits, as Kubernetes goes through them."""
        for rule in (final, again):
            codes = rule["onExitCodes"]
            assert codes["containerName"] == container["name"]
            assert codes["values"] == sorted(set(codes["values"]))
            if (code in codes["values"]) is (codes["operator"] == "In"):
                return str(rule["action"])
        return "none"

    assert {code: action(code) for code in (1, 2, 4, 5, 70)} == dict.fromkeys((1, 2, 4, 5, 70), "FailJob")
    assert {code: action(code) for code in (3, 130, 137)} == dict.fromkeys((3, 130, 137), "Count")
    assert 0 not in final["onExitCodes"]["values"]  # which an In may not name
    assert job["backoffLimit"] >= 1


def test_the_pod_runs_as_nobody_special_and_writes_to_its_volumes_alone(kubernetes: dict[str, Any]) -> None:
    pod = kubernetes["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    security = pod["securityContext"]
    assert security["runAsNonRoot"] is True
    assert security["runAsUser"] == security["fsGroup"] == 10001  # the image's
    assert security["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    own = container["securityContext"]
    assert own == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    mounts = {mount["name"]: mount for mount in container["volumeMounts"]}
    assert volumes.keys() == mounts.keys()
    for name in ("key", "nodes"):
        assert volumes[name]["secret"]["defaultMode"] == 0o400
        assert mounts[name]["readOnly"] is True
    arguments = taken(container["args"])
    for path in (arguments.out, arguments.summary, arguments.junit, arguments.metrics):
        assert path.is_relative_to(mounts["data"]["mountPath"])
    for path, name in (
        (arguments.nodes, "nodes"),
        (arguments.key[0], "key"),
        *((claim, "claims") for claim in arguments.claims),
    ):
        assert path.is_relative_to(mounts[name]["mountPath"])


def test_claims_lie_on_a_volume_that_takes_files_of_any_size_and_a_pod_fills_it(kubernetes: dict[str, Any]) -> None:
    pod = kubernetes["jobTemplate"]["spec"]["template"]["spec"]
    (mounted,) = [volume for volume in pod["volumes"] if volume["name"] == "claims"]
    volume, loader = yaml.safe_load_all((FOLDER / "claims.yaml").read_text())
    name = volume["metadata"]["name"]
    assert mounted == {"name": "claims", "persistentVolumeClaim": {"claimName": name, "readOnly": True}}
    (filled,) = loader["spec"]["volumes"]
    assert filled["persistentVolumeClaim"] == {"claimName": name}
    (container,) = loader["spec"]["containers"]
    assert container["volumeMounts"] == [{"name": "claims", "mountPath": "/claims"}]
    ids = ("runAsNonRoot", "runAsUser", "runAsGroup", "fsGroup", "seccompProfile")
    assert {each: loader["spec"]["securityContext"][each] for each in ids} == pod["securityContext"]
    assert container["securityContext"] == pod["containers"][0]["securityContext"]


def test_the_metrics_are_pushed_and_what_the_last_attestation_said_is_kept(kubernetes: dict[str, Any]) -> None:
    (container,) = kubernetes["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    arguments = taken(container["args"])
    assert destination(arguments.metrics_push) == arguments.metrics_push
    assert arguments.metrics is not None  # which the next run reads what it keeps from


@pytest.mark.parametrize("name", ["cronjob.yaml", "claims.yaml"])
def test_kubernetes_own_schemas_take_each_object_without_a_field_too_many(name: str) -> None:
    validate = pytest.importorskip("kubernetes_validate", reason="the extra `release` has it")
    for each in yaml.safe_load_all((FOLDER / name).read_text()):
        for version in ("1.31", validate.latest_version()):
            validate.validate(each, version, strict=True)
            spoilt = {**each, "spec": {**each["spec"], "unheardOf": 1}}
            with pytest.raises(validate.ValidationError):
                validate.validate(spoilt, version, strict=True)
