using System.Text.Json.Serialization;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Server.Api;

/// <summary>A problem document (RFC 9457). Facts of the failure, such as who decided a task, are further members.</summary>
public sealed record Problem
{
    public const string MediaType = "application/problem+json";

    /// <summary>Stable URI of the kind of problem.</summary>
    public required string Type { get; init; }

    public required string Title { get; init; }
    public required string TitleEn { get; init; }
    public required int Status { get; init; }

    /// <summary>Stable code to decide on; texts may change.</summary>
    public required string Code { get; init; }

    /// <summary>What happened and what to do, in Chinese.</summary>
    public required string Detail { get; init; }

    public required string DetailEn { get; init; }

    /// <summary>Name of this request in logs and traces.</summary>
    public required string TraceId { get; init; }

    /// <summary>Each thing that is wrong in the request, by its place.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ProblemError>? Errors { get; init; }

    [JsonExtensionData]
    public Dictionary<string, object?> Facts { get; init; } = [];
}
