using System.Text.Json.Serialization;
using Talent.Workflows.Server.Api;

namespace Talent.Workflows.Server.ElsaApi;

/// <summary>
/// A failure as Studio reads it, which is a problem document too. Studio shows <see cref="Errors"/> of a 400 as a message
/// and takes every other 4xx for a fault of its own; so what the administrator can put right is a 400 here.
/// </summary>
internal sealed record ElsaProblem
{
    public const string BasePath = "/elsa/api";

    public required int StatusCode { get; init; }
    public required string Message { get; init; }

    /// <summary>What is wrong, by place; <c>generalErrors</c> where there is none.</summary>
    public required Dictionary<string, List<string>> Errors { get; init; }

    public required string Type { get; init; }
    public required string Title { get; init; }
    public required int Status { get; init; }
    public required string Code { get; init; }
    public required string Detail { get; init; }
    public required string TraceId { get; init; }

    [JsonExtensionData]
    public Dictionary<string, object?> Facts { get; init; } = [];

    public static ElsaProblem Of(Problem problem)
    {
        var errors = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var error in problem.Errors ?? [])
        {
            var place = error.Path.Length == 0 ? "generalErrors" : error.Path;
            if (!errors.TryGetValue(place, out var messages))
                errors[place] = messages = [];
            messages.Add($"{error.Message} {error.MessageEn}");
        }
        if (errors.Count == 0)
            errors["generalErrors"] = [$"{problem.Detail} {problem.DetailEn}"];
        var status = problem.Status is 409 or 412 or 413 or 415 or 422 or 428 ? 400 : problem.Status;
        return new ElsaProblem
        {
            StatusCode = status, Status = status, Message = $"{problem.Detail} {problem.DetailEn}", Errors = errors,
            Type = problem.Type, Title = problem.Title, Code = problem.Code, Detail = problem.Detail, TraceId = problem.TraceId, Facts = problem.Facts,
        };
    }
}
