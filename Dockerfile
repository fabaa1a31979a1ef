# One image for any number of processes; state lives in the data folder (SQLite) or in PostgreSQL (DATABASE_URL).
FROM python:3.13-slim
WORKDIR /srv/lotse
COPY requirements.txt pyproject.toml README.md LICENSE ./
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY app app
COPY templates templates
COPY static static
COPY migrations migrations
RUN pip install --no-cache-dir --no-deps --no-build-isolation -e . \
 && useradd --system --create-home lotse && mkdir data && chown lotse data
USER lotse
ENV LOTSE_DATA_DIR=/srv/lotse/data
VOLUME /srv/lotse/data
EXPOSE 8000
HEALTHCHECK CMD python -c "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/livez', timeout=3)"
CMD ["lotse", "serve", "--host", "0.0.0.0", "--port", "8000"]
