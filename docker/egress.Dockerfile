# The egress: the only process with litellm and the vendors' keys.
# From the repository's root: docker build -f docker/egress.Dockerfile -t gateway-egress:0.1.0 .
# tests/image runs these steps in an empty directory and starts the command. Use only instructions that tests/support/dockerfile.py can read.
FROM python:3.11-slim AS build
WORKDIR /src
COPY requirements-build.lock requirements.lock ./
RUN python -m venv /opt/build && \
    /opt/build/bin/pip install --no-deps --require-hashes --only-binary :all: -r requirements-build.lock
RUN python -m venv --without-pip /opt/gateway && \
    /opt/build/bin/pip --python /opt/gateway/bin/python install --no-deps --require-hashes --only-binary :all: -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY gateway gateway
COPY policies policies
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /opt/wheels . && \
    /opt/build/bin/pip --python /opt/gateway/bin/python install --no-deps --no-index /opt/wheels/gateway-*.whl
RUN mkdir -p /var/lib/gateway

FROM python:3.11-slim
COPY --from=build /opt/gateway /opt/gateway
COPY --from=build --chown=10001:10001 /var/lib/gateway /var/lib/gateway
ENV PATH=/opt/gateway/bin:/usr/local/bin:/usr/bin:/bin PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 GATEWAY_EGRESS__HOST=0.0.0.0
WORKDIR /var/lib/gateway
USER 10001:10001
EXPOSE 8082
ENTRYPOINT ["gateway"]
CMD ["serve", "--role", "egress"]
