"""Sets up an empty Tryton 8.2 database as a company's new ERP.

Usage: setup.py DATABASE TRYTOND_CONF SEED_JSON
The seed holds company, currency, taxes, paymentTerms, services, category, fiscalYears and users (with passwords).
"""
import datetime as dt
import json
import sys
from decimal import Decimal

from proteus import Model, config

database, conf, seed_file = sys.argv[1:4]
with open(seed_file) as f:
    seed = json.load(f)
cfg = config.set_trytond(database, config_file=conf)

from trytond.modules.account.tests.tools import (  # noqa: E402
    create_chart, create_fiscalyear, create_tax, get_accounts)
from trytond.modules.account_invoice.tests.tools import (  # noqa: E402
    set_fiscalyear_invoice_sequences)
from trytond.modules.company.tests.tools import (  # noqa: E402
    create_company, get_company)
from trytond.modules.country.scripts import import_countries  # noqa: E402
from trytond.modules.currency.scripts import import_currencies  # noqa: E402


def reference_data():
    # Subdivisions are left out: they take minutes and nothing needs them.
    with cfg.set_context(active_test=False):
        import_currencies.do_import()
        import_countries.update_countries(import_countries.get_countries())


def company():
    Currency, Party, User = map(Model.get, [
            'currency.currency', 'party.party', 'res.user'])
    currency, = Currency.find([('code', '=', seed['currency'])])
    party = Party(name=seed['company'], code='COMPANY')
    party.save()
    create_company(party=party, currency=currency)
    result = get_company()
    admin = User(cfg.user)
    admin.companies.append(result)
    admin.company = result
    admin.save()
    cfg._context = User.get_preferences(True, {})
    return get_company()


def accounting(company):
    create_chart(company=company)
    for year in seed['fiscalYears']:
        start, end = dt.date(year, 1, 1), dt.date(year, 12, 31)
        fiscal_year = create_fiscalyear(company, (start, end))
        # create_fiscalyear widens the year; a plain one is wanted.
        fiscal_year.name = str(year)
        fiscal_year.start_date, fiscal_year.end_date = start, end
        set_fiscalyear_invoice_sequences(fiscal_year).click('create_period')
    for wanted in seed['taxes']:
        tax = create_tax(Decimal(wanted['rate']), company)
        tax.name = tax.description = wanted['name']
        tax.save()
    Term = Model.get('account.invoice.payment_term')
    for wanted in seed['paymentTerms']:
        term = Term(name=wanted['name'])
        line = term.lines.new(type='remainder')
        line.relativedeltas.new(days=wanted['days'])
        term.save()


def catalog(company):
    accounts = get_accounts(company)
    Category, Uom, Template = map(Model.get, [
            'product.category', 'product.uom', 'product.template'])
    category = Category(
        name=seed['category'], accounting=True,
        account_expense=accounts['expense'],
        account_revenue=accounts['revenue'])
    category.save()
    unit, = Uom.find([('name', '=', 'Unit')])
    for service in seed['services']:
        template = Template(
            name=service['name'], default_uom=unit, type='service',
            salable=True, list_price=Decimal(0), account_category=category)
        template.products[0].suffix_code = service['code']
        template.save()


def users(company):
    User, Group, ModelData = map(Model.get, [
            'res.user', 'res.group', 'ir.model.data'])
    for wanted in seed['users']:
        user = User(
            name=wanted['name'], login=wanted['login'],
            password=wanted['password'])
        for group in wanted['groups']:
            user.groups.append(Group(ModelData.get_id(group, {})))
        # A record belongs to one parent in proteus: each list needs its own.
        user.companies.append(type(company)(company.id))
        user.company = type(company)(company.id)
        user.save()


reference_data()
the_company = company()
accounting(the_company)
catalog(the_company)
users(the_company)
