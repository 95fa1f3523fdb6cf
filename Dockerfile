# syncd in a container: one process, one volume, no shell needed. docs/install.md has every command;
# `syncd config compose` prints how it is meant to run.
#
#   docker build --build-arg COMMIT="$(git rev-parse --short=12 HEAD)" --tag syncd .

# Every library is checked against the digests in requirements*.txt. For an image that is the same
# every time name the base by digest too: `make pin-image` writes the present one into this line.

ARG BASE=python:3.13-slim

FROM ${BASE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /build
COPY requirements.txt requirements-build.txt ./
RUN ["python", "-m", "venv", "/opt/build"]
RUN ["/opt/build/bin/python", "-m", "pip", "install", "--quiet", "--require-hashes", "-r", "requirements-build.txt"]
# What runs needs no installer.
RUN ["python", "-m", "venv", "--without-pip", "/opt/syncd"]
RUN ["/opt/build/bin/python", "-m", "pip", "--python", "/opt/syncd/bin/python", "install", "--quiet", "--require-hashes", "-r", "requirements.txt"]
COPY pyproject.toml README.md LICENSE ./
COPY .ci/commit_hook.py ./.ci/
COPY src ./src
ARG COMMIT=""
ENV SYNCD_COMMIT=${COMMIT}
RUN ["/opt/build/bin/python", "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", "/build/made", "."]
RUN ["/opt/build/bin/python", "-m", "pip", "--python", "/opt/syncd/bin/python", "install", "--quiet", "--no-deps", "--no-index", "--find-links", "/build/made", "syncd"]

FROM ${BASE}
LABEL org.opencontainers.image.title="syncd" \
      org.opencontainers.image.description="Keeps Pipeline's invoices and Xero's accounts in agreement" \
      org.opencontainers.image.licenses="MIT"
RUN ["install", "-d", "-m", "0700", "-o", "10001", "-g", "10001", "/var/lib/syncd"]
COPY --from=build /opt/syncd /opt/syncd
ENV PATH=/opt/syncd/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SYNCD_CONFIG=/etc/syncd/syncd.toml
# A number, so that an orchestrator can see without a passwd file that it is not root.
USER 10001:10001
WORKDIR /var/lib/syncd
VOLUME ["/var/lib/syncd"]
EXPOSE 8080 8081
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 CMD ["syncd", "health"]
ENTRYPOINT ["syncd"]
CMD ["run"]
