using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.OpenApi;
using Talent.Workflows.Server.Security;

namespace Talent.Workflows.Server.Api;

/// <summary>The description of the API at <c>/openapi/v1.json</c> (OpenAPI 3.1).</summary>
internal static class OpenApi
{
    private const string Scheme = "serviceKey";

    /// <summary>An example of the body.</summary>
    public static TBuilder WithExample<TBuilder>(this TBuilder builder, string json) where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new BodyExample(json));

    /// <summary>An example of the answer.</summary>
    public static TBuilder WithAnswerExample<TBuilder>(this TBuilder builder, string json) where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new AnswerExample(json));

    public static IServiceCollection AddApiDescription(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer(async (document, context, cancellationToken) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Talent Workflows",
                Version = "v1",
                Description = "人才服务流程接口。错误以 application/problem+json 返回（RFC 9457），以 code 判断。Errors are problem documents; decide on their code.",
            };
            document.Components ??= new OpenApiComponents();
            document.AddComponent(nameof(Problem), await context.GetOrCreateSchemaAsync(typeof(Problem), cancellationToken: cancellationToken));
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                [Scheme] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "服务密钥 A service key: 'Authorization: Bearer <key>' or 'ApiKey <key>'." },
            };
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            var metadata = context.Description.ActionDescriptor.EndpointMetadata;
            operation.Responses ??= [];
            operation.Responses["default"] = new OpenApiResponse
            {
                Description = "问题说明 A problem document",
                Content = new Dictionary<string, OpenApiMediaType> { [Problem.MediaType] = new() { Schema = new OpenApiSchemaReference(nameof(Problem), context.Document), Example = ProblemExample() } },
            };
            if (metadata.OfType<BodyExample>().LastOrDefault() is { } example && operation.RequestBody?.Content is { } bodies && bodies.TryGetValue("application/json", out var content))
                content.Example = JsonNode.Parse(example.Json);
            if (metadata.OfType<AnswerExample>().LastOrDefault() is { } answer && operation.Responses.TryGetValue("200", out var good) && good.Content is { } answers && answers.TryGetValue("application/json", out var shown))
                shown.Example = JsonNode.Parse(answer.Json);
            if (metadata.OfType<IAllowAnonymous>().Any())
                return Task.CompletedTask;
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, context.Document)] = [.. metadata.OfType<RequiredScope>().Select(s => s.Scope)] }];
            operation.Parameters ??= [];
            operation.Parameters.Add(Header(KeyAuthentication.UserHeader, false, "操作用户编号 Id of the acting user", "applicant-li"));
            if (context.Description.HttpMethod is "POST" or "PUT")
                operation.Parameters.Add(Header(IdempotencyKeys.Header, metadata.OfType<IdempotencyKeyRequired>().Any(), "幂等键，重试时不变 Same value when repeated", "5f0c8f0e-6a0d-4c55-9d43-0d8f2b1e7a11"));
            return Task.CompletedTask;
        });
    });

    private static OpenApiParameter Header(string name, bool required, string description, string example) => new()
    {
        Name = name,
        In = ParameterLocation.Header,
        Required = required,
        Description = description,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        Example = example,
    };

    private static JsonObject ProblemExample()
    {
        var kind = ProblemCatalogue.Of(Engine.ErrorCodes.NotFound);
        return new JsonObject
        {
            ["type"] = kind.Type, ["title"] = kind.TitleZh, ["titleEn"] = kind.TitleEn, ["status"] = kind.Status, ["code"] = kind.Code,
            ["detail"] = "流程实例不存在。", ["detailEn"] = "There is no instance. Check the id.", ["traceId"] = "4bf92f3577b34da6a3ce929d0e0e4736",
        };
    }

    private sealed record BodyExample(string Json);

    private sealed record AnswerExample(string Json);
}
