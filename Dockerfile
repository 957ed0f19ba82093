# A worker with the experiments of this checkout; it is the command line, too. How to use it: deploy/docker/README.md
#   docker build -t scythe .
#   docker build -t scythe-worker --target worker .     without experiments: what the image of a study of one's own starts FROM

FROM node:22-bookworm-slim AS build
WORKDIR /scythe
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY src src
# The links: a study in a folder below finds 'scythe-engine', and `scythe` is on the PATH.
RUN npm run build \
  && npm prune --omit=dev --ignore-scripts \
  && ln -s .. node_modules/scythe-engine \
  && ln -s ../../dist/cli/main.js node_modules/.bin/scythe \
  && chmod +x dist/cli/main.js \
  && mkdir .scythe

FROM node:22-bookworm-slim AS worker
ENV NODE_ENV=production \
  PATH=/scythe/node_modules/.bin:$PATH \
  SCYTHE_WORKER_HEALTH_HOST=0.0.0.0 \
  SCYTHE_WORKER_HEALTH_PORT=8080
WORKDIR /scythe
COPY --from=build /scythe/package.json ./
COPY --from=build /scythe/node_modules node_modules
COPY --from=build /scythe/dist dist
# Runs go here where no bucket is set.
COPY --from=build --chown=1000:1000 /scythe/.scythe .scythe
# The user node of the base image, by number: so that a host can tell that it is not root.
USER 1000
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=2 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.SCYTHE_WORKER_HEALTH_PORT + '/health').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# No shell and no npm in between: signals reach the worker.
ENTRYPOINT []
CMD ["node", "dist/main.js"]

FROM worker
COPY experiments experiments
