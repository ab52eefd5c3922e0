# The worker, and the command line, of cutover. Debian, because Temporal's native bridge for Node needs glibc.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY domain domain
COPY contracts contracts
COPY records records
COPY workflows workflows
COPY adapters adapters
COPY ledger ledger
COPY activities activities
COPY reports reports
COPY workers workers
COPY scripts scripts
RUN node node_modules/typescript/bin/tsc -p tsconfig.build.json

FROM node:24.21.0-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24.21.0-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
# The archive is a volume; it belongs to the user the worker runs as.
RUN install --directory --owner=node --group=node /archive
USER node
CMD ["node", "dist/workers/main.js"]
