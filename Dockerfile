# SeamLens for a class: see docs/class-server.md. The first stage installs; the second has neither pip’s cache nor build tools.
FROM python:3.11-slim AS build
RUN python -m venv /opt/seamlens
ENV PATH=/opt/seamlens/bin:$PATH
WORKDIR /build
# First what changes rarely: a change of the code does not install TensorFlow again.
COPY requirements.txt requirements-cluster.txt requirements-export.txt requirements-line.txt requirements-postgres.txt ./
RUN pip install --no-cache-dir -r requirements.txt -r requirements-line.txt -r requirements-postgres.txt
COPY pyproject.toml hatch_build.py README.md LICENSE Home.py ./
COPY .streamlit ./.streamlit
COPY pages ./pages
COPY core ./core
COPY ui ./ui
RUN pip install --no-cache-dir --no-deps . && pip uninstall --yes pip

FROM python:3.11-slim
RUN useradd --create-home --uid 1000 seamlens && install --directory --owner=seamlens /data
COPY --from=build /opt/seamlens /opt/seamlens
ENV PATH=/opt/seamlens/bin:$PATH PYTHONUNBUFFERED=1 SEAMLENS_WORKSPACE=/data/workspace SEAMLENS_PRIVATE=/data/private
USER seamlens
WORKDIR /data
VOLUME /data
EXPOSE 8501
# The page to sign in is all that is answered without a cookie; the certificate is the container’s own.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s \
    CMD ["python", "-c", "import ssl; from urllib.request import urlopen; urlopen('https://localhost:8501/sign-in', timeout=5, context=ssl._create_unverified_context())"]
ENTRYPOINT ["seamlens"]
CMD ["serve"]
