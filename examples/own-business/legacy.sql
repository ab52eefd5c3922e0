-- A small business to begin with: put your own tables and rows here, for example from pg_dump.
create table articles (number text primary key, name text not null, price numeric(12, 4) not null);
create table customers (
  number text primary key,
  name text not null,
  phone text,
  street text not null,
  city text not null,
  postal_code text not null,
  country text not null
);
create table orders (
  number integer primary key,
  customer text not null references customers,
  ordered date not null,
  status text not null check (status in ('open', 'done'))
);
create index on orders (customer);
create table order_lines (
  order_number integer not null references orders,
  position integer not null,
  article text not null references articles,
  quantity integer not null,
  price numeric(12, 4) not null,
  primary key (order_number, position)
);

insert into articles values ('A1', 'Kettle', 39.9000), ('A2', 'Tea, 250 g', 6.5000), ('A3', 'Cup', 4.2500);
insert into customers values
  ('90001', 'Hofmann & Sons', '+49 30 5550101', 'Hauptstrasse 1', 'Berlin', '10115', 'DE'),
  ('90002', 'Maison Laurent', '+33 1 55501002', '4 rue Haute', 'Paris', '75001', 'FR'),
  ('90003', 'Tea Room Ltd', null, '12 High Street', 'Leeds', 'LS1 4AP', 'GB');
insert into orders values (7001, '90001', '2026-01-05', 'open'), (7002, '90002', '2026-01-06', 'open'), (7003, '90002', '2025-11-20', 'done'), (7004, '90003', '2026-01-07', 'open');
insert into order_lines values (7001, 1, 'A1', 2, 39.9000), (7001, 2, 'A2', 10, 6.0000), (7002, 1, 'A2', 24, 5.5000), (7003, 1, 'A3', 6, 4.2500), (7004, 1, 'A3', 12, 4.0000);
