"""The launch pages as a person meets them: for the author alone, honest about what is closed, links only where they are documented."""

from __future__ import annotations

import hashlib
import json
import zlib
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import date
from io import BytesIO
from urllib.parse import parse_qs, unquote, urlsplit
from zipfile import ZipFile

import pytest
import yaml
from fastapi.testclient import TestClient

from app.domain.decision import Decision
from app.errors import NotFound
from app.launch.availability import availability
from app.launch.launching import platform_row
from app.launch.planning import Advice, Choice
from app.launch.platform import platform, platforms
from app.launch.template_address import LONGEST, packed, public, unpacked
from app.main import create_app
from app.settings import Settings
from app.store.repository import create_assessment, freeze_report
from app.web.services import Services
from tests.launch.sample import DAY, OPTIONS, PERSONAS, advice, full_decision, launch
from tests.user import User


def new_report(client: TestClient, persona: str = "support", decision: Decision | None = None) -> str:
    """A report of a persona; its address as its author has it."""
    services: Services = client.app.state.services  # type: ignore[attr-defined]
    with services.database.session(write=True) as session:
        assessment, token = create_assessment(session, "de", PERSONAS[persona])
        freeze_report(session, assessment, decision or full_decision(), services.knowledge, services.book(DAY))
    return f"/r/{token}~1"


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("option", OPTIONS)
def test_every_page_of_every_option_opens(client: TestClient, option: str, language: str) -> None:
    report = new_report(client, "hostile")
    overview = client.get(f"/{language}{report}/launch", params={"option": option})
    assert overview.status_code == 200
    assert "$(touch" in overview.text  # the title is shown, escaped
    assert "</script> *a*" not in overview.text
    for place in platforms().values():
        page = client.get(f"/{language}{report}/launch/{place.id}", params={"option": option})
        assert page.status_code == 200, place.id
        assert place.info.label.split()[0] in page.text or place.id in ("on_premises", "gpu_cloud")


def test_the_recommended_option_is_shown_first(client: TestClient) -> None:
    page = client.get(f"/en{new_report(client)}/launch").text
    assert 'aria-current="page">rag <span class="quiet">(advised)' in page


def test_strangers_find_nothing(client: TestClient) -> None:
    stranger = new_report(client).replace("/r/", "/r/x", 1)
    for path in ("", "/azure", "/azure/kit.zip"):
        assert client.get(f"/en{stranger}/launch{path}").status_code == 404


def test_unknown_and_excluded_options_are_refused(client: TestClient) -> None:
    decision = full_decision()
    options = [item.model_copy(update={"feasible": item.option != "rag_tuning"}) for item in decision.options]
    report = new_report(client, decision=decision.model_copy(update={"options": options}))
    for option in ("rag_tuning", "nothing"):
        for path in ("", "/azure", "/azure/kit.zip"):
            assert client.get(f"/en{report}/launch{path}", params={"option": option}).status_code == 404
    assert client.get(f"/en{report}/launch/nowhere").status_code == 404


def test_without_a_feasible_advice_the_best_that_is_left_is_shown(client: TestClient) -> None:
    decision = full_decision()
    options = [
        item.model_copy(update={"feasible": item.option in ("prompting", "rag_tuning")}) for item in decision.options
    ]
    page = client.get(f"/en{new_report(client, decision=decision.model_copy(update={'options': options}))}/launch").text
    assert 'aria-current="page">prompting' in page
    none = [item.model_copy(update={"feasible": False}) for item in decision.options]
    report = new_report(client, decision=decision.model_copy(update={"options": none}))
    assert client.get(f"/en{report}/launch").status_code == 404


def test_the_kit_is_a_zip_with_the_same_bytes_each_time(client: TestClient) -> None:
    report = new_report(client)
    address = f"/de{report}/launch/azure/kit.zip"
    first, second = client.get(address), client.get(address)
    assert first.content == second.content
    assert first.headers["content-disposition"].startswith('attachment; filename="lotse-kundendienst-')
    with ZipFile(BytesIO(first.content)) as archive:
        readme = next(name for name in archive.namelist() if name.endswith("README.md"))
        assert "Startpaket" in archive.read(readme).decode()
        assert report.split("/")[2].split("~")[0] not in archive.read(readme).decode()


def test_a_closed_platform_gives_no_kit_and_says_since_when(client: TestClient) -> None:
    report = new_report(client, "bank")  # data must stay in the EU, OpenAI tunes without residency
    assert client.get(f"/en{report}/launch/openai/kit.zip", params={"option": "managed_tuning"}).status_code == 409
    page = client.get(f"/en{new_report(client)}/launch/openai", params={"option": "managed_tuning"}).text
    assert "Closed to newcomers" in page
    assert "7 May 2026" in page


def test_outward_links_name_their_target_and_tell_nothing(client: TestClient) -> None:
    page = client.get(f"/en{new_report(client)}/launch/azure", params={"option": "lora_open_weights"}).text
    assert 'rel="noopener noreferrer nofollow external"' in page
    assert "leads to ml.azure.com" in page
    assert "Off: this installation has no public address" in page


@pytest.fixture
def with_templates(make_settings: Callable[..., Settings]) -> Callable[[str], TestClient]:
    """A program with a public address for templates."""
    return lambda base: TestClient(create_app(make_settings(template_base_url=base)))


BASE = "https://lotse.example.org/launch-templates"


def test_azure_opens_with_a_template_that_holds_the_job(with_templates: Callable[[str], TestClient]) -> None:
    place, spec = platform("azure"), launch(platform("azure"), "lora_open_weights")
    link = place.deep_link(spec, place.ways_of(spec)[0], BASE)
    assert link.url
    assert urlsplit(link.url).hostname == "portal.azure.com"
    template_url = unquote(link.url.rsplit("/", 1)[1])
    assert template_url.startswith(f"{BASE}/azure/")
    assert len(link.url) < 2048
    with with_templates(BASE) as client:
        answer = client.get(urlsplit(template_url).path)
        assert answer.headers["access-control-allow-origin"] == "*"
        template = answer.json()
        code = client.get(urlsplit(template_url).path.replace(".json", ".zip"))
    job = template["resources"][-1]
    assert job["type"] == "Microsoft.MachineLearningServices/workspaces/jobs"
    assert template["parameters"]["timeout"]["defaultValue"] == "PT9H"  # on A100 instead of the report's H100
    assert hashlib.sha256(code.content).hexdigest() in job["properties"]["command"]
    assert json.loads(job["properties"]["environmentVariables"]["KIT_CONFIG"])["training"]["model"] == "Qwen/Qwen3-8B"
    used = {part.split("'")[1] for part in json.dumps(template["resources"]).split("parameters(")[1:]}
    assert used == set(template["parameters"])


def test_google_opens_a_notebook_that_holds_the_run(with_templates: Callable[[str], TestClient]) -> None:
    place, spec = platform("google"), launch(platform("google"), "lora_open_weights", "hostile")
    link = place.deep_link(spec, place.ways_of(spec)[0], BASE)
    assert link.url
    assert link.url.startswith(
        "https://console.cloud.google.com/vertex-ai/colab/import/https%3A%2F%2Flotse.example.org%2F"
    )
    with with_templates(BASE) as client:
        notebook = client.get(urlsplit(unquote(link.url.rsplit("/", 1)[1])).path).json()
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    compile(cells[0], "cell", "exec")
    assert "KIT_CONFIG" in cells[0]
    assert "pipeline.tune" in cells[-1]


def test_a_public_template_tells_nothing_of_the_report() -> None:
    spec = launch(platform("azure"), "lora_open_weights")
    shared = unpacked(packed(spec))
    assert shared == public(spec)
    assert "kundendienst" not in shared.name
    assert (shared.cost, shared.cost_cap) == (None, None)


@pytest.mark.parametrize(
    "text", ["", "x", "AAAA", "e" * 1999, packed(launch(platform("azure"), "lora_open_weights"))[:-9]]
)
def test_a_made_up_template_is_not_found(text: str) -> None:
    with pytest.raises(NotFound):
        unpacked(text)


def test_a_bomb_in_a_template_address_stays_small() -> None:
    with pytest.raises(NotFound):
        unpacked(urlsafe_b64encode(zlib.compress(b" " * LONGEST * 1000)).decode())


def test_templates_are_off_without_a_public_address(client: TestClient) -> None:
    assert (
        client.get(f"/launch-templates/azure/{packed(launch(platform('azure'), 'lora_open_weights'))}.json").status_code
        == 404
    )


def test_aws_opens_a_stack_with_values_when_the_template_lies_in_s3() -> None:
    place, spec = platform("aws"), launch(platform("aws"), "lora_open_weights")
    way = place.ways_of(spec)[0]
    link = place.deep_link(spec, way, "https://templates.s3.eu-central-1.amazonaws.com/lotse")
    assert link.url
    assert urlsplit(link.url).hostname == "eu-central-1.console.aws.amazon.com"
    values = parse_qs(link.url.split("?")[-1])
    assert values["param_RunName"] == [spec.name]
    assert values["templateURL"] == ["https://templates.s3.eu-central-1.amazonaws.com/lotse/aws/bootstrap.yaml"]
    template = yaml.safe_load((place.folder / "kit" / "bootstrap.yaml").read_text())
    assert {name.removeprefix("param_") for name in values if name.startswith("param_")} <= set(template["Parameters"])
    assert "only from S3" in place.deep_link(spec, way, BASE).off
    assert "no public address" in place.deep_link(spec, way, None).off


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (date(2026, 5, 6), "open"),
        (date(2026, 5, 7), "existing_customers"),
        (date(2026, 11, 24), "existing_customers"),
        (date(2027, 1, 6), "closed"),
    ],
)
def test_openai_tuning_follows_its_dated_records(day: date, state: str) -> None:
    case = advice()
    way = platform("openai").alternatives("managed_tuning")[0]
    assert availability(way, case.knowledge.platforms["openai"], day, case.answers, "gpt-4.1-mini").state == state


def test_a_way_that_keeps_the_region_is_preferred() -> None:
    row = platform_row(platform("aws"), advice("bank"), Choice("managed_tuning", "en", DAY))
    assert (row.standing, row.ways[0].way.id) == (
        "offered",
        "sagemaker_serverless",
    )  # Bedrock tunes in the United States
    asked = platform_row(platform("aws"), advice("bank"), Choice("managed_tuning", "en", DAY, "bedrock_customization"))
    assert (asked.standing, asked.ways[0].state.state) == ("off", "elsewhere")


def test_hostings_that_the_report_excludes_close_a_platform() -> None:
    case = advice()
    option = case.decision.option("rag")
    hostings = [item.model_copy(update={"feasible": item.hosting == "on_premises"}) for item in option.hostings]
    options = [
        item.model_copy(update={"hostings": hostings}) if item.option == "rag" else item
        for item in case.decision.options
    ]
    changed = Advice(case.decision.model_copy(update={"options": options}), case.answers, case.knowledge)
    standing = {
        place.id: platform_row(place, changed, Choice("rag", "en", DAY)).standing for place in platforms().values()
    }
    assert standing == {name: "offered" if name in ("on_premises", "kubernetes") else "off" for name in platforms()}


def test_a_reader_with_a_share_link_finds_no_launch_page(client: TestClient) -> None:
    author = User(client).open(f"/de{new_report(client)}/share").submit("Link erstellen")
    assert author.response
    link = author.response.text.split('id="address" value="')[1].split('"')[0].removeprefix("http://testserver")
    reader = TestClient(client.app, headers={"Sec-Fetch-Site": "same-origin"}, follow_redirects=False)
    report = reader.post(link).headers["location"]
    assert reader.get(report).status_code == 200
    for path in ("", "/azure", "/azure/kit.zip"):
        assert reader.get(f"{report}/launch{path}").status_code == 404
