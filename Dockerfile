# The scythe command line, with the experiments of this checkout:
#   docker build -t scythe .
#   docker run --init -v "$PWD/.scythe:/study/.scythe" scythe demo
# For a study of your own, start FROM this image or from node:22-slim, copy the study and its package.json, and npm ci.

FROM node:22-slim AS build
WORKDIR /scythe
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY src src
RUN npm run build && npm prune --omit=dev

FROM node:22-slim
ENV NODE_ENV=production
COPY --from=build /scythe /scythe
COPY experiments /scythe/experiments
# Runs go to .scythe where it stands, unless SCYTHE_STORAGE_… says otherwise.
RUN mkdir -p /study/.scythe && chown -R node:node /study
USER node
WORKDIR /study
ENTRYPOINT ["node", "/scythe/dist/cli/main.js"]
CMD ["--help"]
