# The image of the web process, the worker and beat; docker-compose.yml names them.
# Nothing of third parties is committed: front-end files come from npm, everything
# else from the hashed lock.

FROM node:20-bookworm-slim AS frontend
WORKDIR /frontend
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-fund --no-audit

FROM python:3.11-slim-bookworm
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DEBUG=0 WEIGONG_VAR=/var/weigong
RUN useradd --system --uid 10001 --create-home weigong \
    && install -d -o weigong -g weigong /var/weigong /var/key /var/checkpoints
WORKDIR /srv/weigong

# before the code, so that a change of the code does not install again
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock

COPY . .
COPY --from=frontend /frontend/node_modules ./node_modules

RUN python scripts/compile_messages.py locale/*/LC_MESSAGES/*.po

USER weigong
EXPOSE 8000
# One process with several threads where there is no Redis (docs/decisions/0006);
# docker-compose.yml raises the workers.
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", \
     "--workers", "1", "--blocking-threads", "8", "config.wsgi:application"]
