"""`/r/{id}/launch/{name}/start`: what the user enters to start a launch from the server, and the order that is made from it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.domain.catalogue import PriceBook
from app.domain.numerals import Unreadable, parse_number, write_number
from app.errors import InputError, NotFound
from app.launch.access import PlatformTrouble
from app.launch.control import ControlInfo, Entry, Mode, Quota, checked_entries, control_class
from app.launch.launching import PlatformRow, platform_row, usable
from app.launch.platform import Way, platform
from app.launch.render import fill_text
from app.launch.signin import Secret, SignInPlan, checked_secret, kind
from app.launch.spec import LaunchSpec
from app.launch.trust import trust_steps
from app.locales import N_, Formatter, formatter
from app.runs.desk import subject
from app.runs.ordering import Draft, Wanted, digest, draft, longest_hours, proposed_limit, startable
from app.runs.worst_case import WorstCase, as_stored, worst_case
from app.store.launches import NewLaunch, new_launch_id
from app.web.launch import Asked
from app.web.services import Services
from app.web.views.launch_form import StartPage, Trust, Typed

WRONG = N_("This does not look right. The form is: {example}")
EMPTY = N_("Please fill this in. The form is: {example}")

TOO_DEAR = N_("This installation starts nothing that may cost more than {most} (LOTSE_LAUNCH_MOST_COST).")


@dataclass(frozen=True)
class Plan:
    """What the form is about: the platform's row, its first way, and how that is started from here."""

    asked: Asked
    assessment: str  # public id
    row: PlatformRow
    way: Way
    spec: LaunchSpec
    info: ControlInfo
    book: PriceBook

    @property
    def worst(self) -> WorstCase:
        """The worst case with the time cap of the plan."""
        return worst_case(self.spec, self.info, self.book)


@dataclass(frozen=True)
class Order:
    """An order that may be stored, with how it signs in."""

    draft: Draft
    sign_in: SignInPlan
    secret: Secret | None


def plan_of(services: Services, asked: Asked, assessment: str, name: str) -> Plan:
    """The plan of a platform. Raises Conflict when it is closed, NotFound when its way cannot be started from here."""
    row = platform_row(platform(name), asked.advice, asked.choice)
    spec = usable(row)
    info = startable(row.platform, row.ways[0].way)
    if info is None:
        raise NotFound(detail="This way cannot be started from here.", mend="Take the kit, or choose another platform.")
    return Plan(
        asked, assessment, row, row.ways[0].way, _startable_hours(spec, info), info, services.book(asked.choice.day)
    )


def _startable_hours(spec: LaunchSpec, info: ControlInfo) -> LaunchSpec:
    """The plan with a time cap that a launch by the first way to sign in may have."""
    hours = min(spec.seconds // 3600, longest_hours(spec, info, info.modes[0]))
    training = spec.training.model_copy(update={"max_hours": hours}) if spec.training else None
    return spec.model_copy(update={"training": training, "service_hours": hours})


def typed_first(plan: Plan, texts: Formatter) -> Typed:
    """What stands in a new form: the time cap of the plan and the worst case within it."""
    limit = write_number(proposed_limit(plan.spec, plan.worst), texts.language)
    return Typed(secrets.token_urlsafe(16), str(plan.spec.seconds // 3600), limit)


def start_page(
    services: Services, plan: Plan, typed: Typed, secure: bool, errors: Mapping[str, str] | None = None
) -> StartPage:
    """The form with what was typed."""
    desk, name, info = services.desk, plan.row.platform.id, plan.info
    role = {entry.name: typed.sign_in.get(entry.name) or entry.example for entry in kind(info.sign_in).entries}
    audience = fill_text(kind(info.sign_in).audience, role)
    issuer, asks = (services.settings.public_url or "").rstrip("/"), subject(plan.assessment)
    trust = Trust(issuer, asks, audience, tuple(trust_steps(name, issuer, asks, audience)))
    return StartPage(
        base=plan.asked.base, title=plan.asked.advice.answers.title or "", option=plan.spec.option, row=plan.row,
        way=plan.way, spec=plan.spec, info=info, worst=plan.worst, typed=typed,
        offers=tuple(desk.offers(name, info, secure)), trust=trust, simulated=desk.simulated(name, info),
        off=desk.why_off(name, info, control_class(name, plan.way.id)), errors=errors or {},
    )  # fmt: skip


def read_typed(fields: Mapping[str, list[str]], info: ControlInfo) -> Typed:
    """What was entered, without what was pasted."""
    given = {name: values[0].strip() for name, values in fields.items()}
    return Typed(
        key=given.get("key", "")[:64] or secrets.token_urlsafe(16), hours=given.get("hours", ""),
        limit=given.get("limit", ""), mode=given.get("mode", ""),
        entries={entry.name: given.get(f"entry-{entry.name}", "") for entry in info.entries},
        sign_in={entry.name: given.get(f"sign-{entry.name}", "") for entry in kind(info.sign_in).entries},
    )  # fmt: skip


class Reader:
    """Makes an order from a form and collects a sentence for each field that is wrong."""

    def __init__(self, services: Services, plan: Plan, language: str) -> None:
        self.services, self.plan, self.texts = services, plan, formatter(language)
        self.errors: dict[str, str] = {}

    def order(self, typed: Typed, pasted: Mapping[str, list[str]], secure: bool, now: datetime) -> Order | None:
        """The order; None when something is wrong, which then stands in `errors`. Raises Conflict for a closed platform."""
        made = self._draft(typed, now)
        mode = self._mode(typed, secure)
        sign_in = self._sign_in(mode, typed)
        secret = self._secret(pasted) if mode == "token" else None
        if made:
            self._within_installation(made)
        if self.errors or made is None or sign_in is None:
            return None
        return Order(made, sign_in, secret)

    def _draft(self, typed: Typed, now: datetime) -> Draft | None:
        wanted = Wanted(
            self._number("hours", typed.hours), self._number("limit", typed.limit), typed.entries, typed.mode
        )
        if self.errors:
            return None
        asked, base = self.plan.asked, self.services.settings.template_base_url
        try:
            return draft(self.plan.row.platform, asked.advice, asked.choice, wanted, self.plan.book, new_launch_id(), now, base)  # fmt: skip
        except InputError as error:
            for problem in error.problems:
                self._explain(problem)
            return None

    def _number(self, name: str, text: str) -> str:
        """The number in the form that an order takes."""
        try:
            return f"{parse_number(text, self.texts.language).normalize():f}"
        except Unreadable as error:
            self.errors[name] = self.texts.say(error.message)
            return ""

    def _explain(self, problem: dict[str, Any]) -> None:
        key, numbers = str(problem["key"]), re.findall(r"\d+(?:\.\d+)?", str(problem["allowed"]))
        if key == "hours":
            self.errors[key] = self.texts.t("Enter a whole number of hours from 1 to {most}.", most=self.texts.count(int(numbers[-1])))  # fmt: skip
        elif key == "limit":
            self.errors[key] = self._limit(numbers)
        elif key == "definition":
            self.errors[key] = self.texts.t("The platform would refuse this definition: {reason}", reason=problem["says"])  # fmt: skip
        else:
            entry = next(item for item in self.plan.info.entries if item.name == key)
            says = WRONG if problem["value"] else EMPTY
            self._at("entry-", entry, says)

    def _at(self, prefix: str, entry: Entry, says: str) -> None:
        text = self.texts.t(says, example=entry.example or entry.pattern)
        self.errors[f"{prefix}{entry.name}"] = f"{self.texts.t(entry.label)}: {text}"

    def _limit(self, numbers: list[str]) -> str:
        if len(numbers) > 1:
            return self.texts.t("Enter an amount of at least 1.")
        worst = self.texts.money_exact(Decimal(numbers[0]), self.plan.spec.currency)
        return self.texts.t("Within this time cap it may cost up to {worst}. Raise the amount, or lower the hours.", worst=worst)  # fmt: skip

    def _mode(self, typed: Typed, secure: bool) -> Mode | None:
        offers = self.services.desk.offers(self.plan.row.platform.id, self.plan.info, secure)
        found = next((offer for offer in offers if offer.mode == typed.mode), None)
        if found is None or found.off:
            self.errors["mode"] = self.texts.t(found.off if found else "Choose how to sign in.")
            return None
        return found.mode

    def _sign_in(self, mode: Mode | None, typed: Typed) -> SignInPlan | None:
        if mode is None:
            return None
        entries = self._role(typed) if mode == "federated" else {}
        who = subject(self.plan.assessment)
        return SignInPlan(kind=self.plan.info.sign_in, mode=mode, entries=entries, subject=who, region=self.plan.spec.region)  # fmt: skip

    def _role(self, typed: Typed) -> dict[str, str]:
        named = kind(self.plan.info.sign_in).entries
        try:
            return checked_entries(self.plan.info.model_copy(update={"entries": named}), typed.sign_in)
        except InputError as error:
            for problem in error.problems:
                entry = next(item for item in named if item.name == problem["key"])
                self._at("sign-", entry, WRONG if problem["value"] else EMPTY)
            return {}

    def _secret(self, pasted: Mapping[str, list[str]]) -> Secret | None:
        secret, errors = read_secret(self.plan.info, pasted)
        self.errors |= {name: self.texts.t(says) for name, says in errors.items()}
        return secret

    def _within_installation(self, made: Draft) -> None:
        most = Decimal(str(self.services.settings.launch_most_cost))
        amount = made.worst.total if made.worst.total is not None else made.limit
        if in_euro(amount, made.spec.currency, self.plan.book) > most:
            self.errors["limit"] = self.texts.t(TOO_DEAR, most=self.texts.money_exact(most, "EUR"))


def read_secret(info: ControlInfo, fields: Mapping[str, list[str]]) -> tuple[Secret | None, dict[str, str]]:
    """What was pasted, or a sentence (gettext id) for each wrong field; nothing pasted is ever repeated."""
    pasted = {field.name: fields.get(f"secret-{field.name}", [""])[0] for field in kind(info.sign_in).fields}
    refusals = {field.refusal for field in kind(info.sign_in).fields if field.refusal}
    try:
        return checked_secret(info.sign_in, pasted), {}
    except InputError as error:
        other = N_("Please paste it once more, exactly as the platform shows it.")
        return None, {
            f"secret-{item['key']}": item["says"] if item["says"] in refusals else other for item in error.problems
        }


def ask_quota(services: Services, order: Order) -> Quota:
    """What the account still allows. Asks the platform: never within a transaction. Raises PlatformTrouble when it may not ask."""
    made = order.draft
    try:
        control = services.desk.trial(made.order, order.sign_in, order.secret, made.spec)
        try:
            return control.quota()
        finally:
            control.access.close()
    except PlatformTrouble as trouble:
        if trouble.kind == "unauthorised":
            raise
        return Quota(needed=1, free=None, why=N_("The platform could not be asked for it."))


def new_launch(services: Services, plan: Plan, order: Order, quota: Quota) -> NewLaunch:
    """The row of a launch that waits for approval."""
    made, mode = order.draft, order.sign_in.mode
    text = made.order.model_dump_json()
    estimate = made.spec.cost.model_dump(mode="json") if made.spec.cost else None
    money = as_stored(made.worst, made.limit, estimate, plan.book) | {"quota": quota.model_dump(mode="json")}
    return NewLaunch(
        public_id=made.order.launch, option=made.spec.option, platform=made.order.platform, way=made.order.way,
        spec=made.spec.model_dump(mode="json"), order=text, order_sha256=digest(text), mode=mode,
        sign_in={"entries": order.sign_in.entries, "subject": order.sign_in.subject}, money=money,
        simulated=services.desk.simulated(made.order.platform, made.info),
        needs_approval=mode == "ambient" or _dear(services, plan, made),
    )  # fmt: skip


def _dear(services: Services, plan: Plan, made: Draft) -> bool:
    """Whether a second person has to approve: above the limit, or when nobody knows the worst case."""
    if made.worst.total is None:
        return True
    limit = Decimal(str(services.settings.launch_approval_limit))
    return in_euro(made.worst.total, made.spec.currency, plan.book) >= limit


def in_euro(amount: Decimal, currency: str, book: PriceBook) -> Decimal:
    """An amount in EUR at the rates of the price book."""
    return amount * book.fx["EUR"] / book.fx[currency]
