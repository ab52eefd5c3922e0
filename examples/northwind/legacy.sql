-- The legacy ERP of Northwind Traders: the sample's tables in snake_case, with the tax codes, payment terms and
-- currency that the sample does not record. Amounts are numeric, never floating point.
create table region (region_id integer primary key, region_description text not null);
create table territories (
  territory_id text primary key,
  territory_description text not null,
  region_id integer not null references region
);
create table employees (
  employee_id integer primary key,
  last_name text not null,
  first_name text not null,
  title text,
  title_of_courtesy text,
  birth_date date,
  hire_date date,
  address text,
  city text,
  region text,
  postal_code text,
  country text,
  home_phone text,
  extension text,
  notes text,
  reports_to integer references employees,
  email text not null unique
);
create table employeeterritories (
  employee_id integer not null references employees,
  territory_id text not null references territories,
  primary key (employee_id, territory_id)
);
create table categories (category_id integer primary key, category_name text not null, description text);
create table suppliers (
  supplier_id integer primary key,
  company_name text not null,
  contact_name text,
  contact_title text,
  address text,
  city text,
  region text,
  postal_code text,
  country text,
  phone text,
  fax text,
  home_page text
);
create table shippers (shipper_id integer primary key, company_name text not null, phone text);
create table products (
  product_id integer primary key,
  product_name text not null,
  supplier_id integer references suppliers,
  category_id integer references categories,
  quantity_per_unit text,
  unit_price numeric(12, 4) not null,
  units_in_stock integer not null,
  units_on_order integer not null,
  reorder_level integer not null,
  discontinued boolean not null
);
create table tax_codes (code text primary key, name text not null unique, rate numeric(5, 4) not null);
create table terms_codes (code text primary key, name text not null unique);
create table customers (
  customer_id text primary key,
  company_name text not null,
  contact_name text,
  contact_title text,
  address text,
  city text,
  region text,
  postal_code text,
  country text,
  phone text,
  fax text,
  terms_code text not null references terms_codes
);
create table orders (
  order_id integer primary key,
  customer_id text not null references customers,
  employee_id integer not null references employees,
  order_date date not null,
  required_date date,
  shipped_date date,
  ship_via integer references shippers,
  freight numeric(12, 2) not null,
  ship_name text,
  ship_address text,
  ship_city text,
  ship_region text,
  ship_postal_code text,
  ship_country text,
  currency text not null default 'USD',
  tax_code text references tax_codes,
  freight_tax_code text references tax_codes
);
create table order_details (
  order_id integer not null references orders,
  product_id integer not null references products,
  unit_price numeric(12, 4) not null,
  quantity integer not null check (quantity > 0),
  discount numeric(4, 3) not null default 0 check (discount >= 0 and discount < 1),
  primary key (order_id, product_id)
);
create index on orders (customer_id);
insert into tax_codes values ('GOODS', 'Sales tax 10%', 0.10), ('EXPORT', 'Export 0%', 0), ('FREIGHT', 'Freight 5%', 0.05);
insert into terms_codes values ('NET30', 'Net 30'), ('NET60', 'Net 60');
