# syntax=docker/dockerfile:1
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
# Packages first: they change less often than the code.
COPY global.json Directory.Build.props Directory.Packages.props .editorconfig BannedSymbols.txt ./
COPY src/Talent.Workflows.Engine/*.csproj src/Talent.Workflows.Engine/
COPY src/Talent.Workflows.Runtime/*.csproj src/Talent.Workflows.Runtime/
COPY src/Talent.Workflows.Approvals/*.csproj src/Talent.Workflows.Approvals/
COPY src/Talent.Workflows.Server/*.csproj src/Talent.Workflows.Server/
RUN dotnet restore src/Talent.Workflows.Server
COPY src/ src/
COPY workflows/ workflows/
RUN dotnet publish src/Talent.Workflows.Server --configuration Release --no-restore --output /app

FROM node:22-slim AS studio
WORKDIR /studio
# The version that ./dev installs.
RUN npm install --ignore-scripts --no-audit --no-fund --no-save @elsa-workflows/elsa-studio-wasm@3.8.2

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
# Makes thumbnails of uploaded pictures, in processes of its own.
RUN apt-get update && apt-get install --yes --no-install-recommends graphicsmagick && rm -rf /var/lib/apt/lists/*
COPY --from=build /app ./
COPY --from=build /source/workflows ./workflows/
COPY --from=studio /studio/node_modules/@elsa-workflows/elsa-studio-wasm ./studio/
# The only places that the server writes to: its data, and the audit key that nodes share.
RUN mkdir /data /keys /materials && chown app:app /data /keys /materials
USER app
ENV ASPNETCORE_ENVIRONMENT=Production \
    ASPNETCORE_URLS=http://0.0.0.0:8080 \
    Talent__DataDir=/data
EXPOSE 8080
# The image has bash and no HTTP client.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /health/ready HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3 && read -r status <&3 && [[ $status == *' 200 '* ]]"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["dotnet", "Talent.Workflows.Server.dll"]
