using System.Text.Json;
using Talent.Workflows.Approvals.Materials;

namespace Talent.Workflows.Approvals.Cases.Packages;

/// <summary>A sample application for demonstrations and tests: <c>samples/*.json</c>.</summary>
public sealed record ServiceSample
{
    public required string Name { get; init; }
    public required string Zh { get; init; }
    public required string En { get; init; }

    /// <summary>A user of the sample directory.</summary>
    public required string Applicant { get; init; }

    /// <summary>The course it is meant to take: <c>completed</c>, <c>rejected-by-panel</c>, <c>returned</c>, <c>invalid</c>.</summary>
    public required string Course { get; init; }

    /// <summary>What the applicant has filled in about themselves before they file; null: nothing.</summary>
    public SampleProfile? Profile { get; init; }

    /// <summary>Case data as submitted in phase 1.</summary>
    public required JsonElement Phase1 { get; init; }

    /// <summary>Fields added in phase 2; absent when the sample doesn't get there.</summary>
    public JsonElement? Phase2 { get; init; }

    /// <summary>What a reviewer asks to correct, and the corrected fields.</summary>
    public SampleCorrection? Correction { get; init; }

    public IReadOnlyList<SuppliedMaterial> Materials { get; init; } = [];

    /// <summary>The errors that submitting phase 1 must give, in order; empty for a good sample.</summary>
    public IReadOnlyList<SampleError> ExpectedErrors { get; init; } = [];
}

/// <summary>A complete profile of a sample applicant, by the steps of <c>shared/people/profile.json</c>.</summary>
public sealed record SampleProfile(string ResidentId, string Phone, IReadOnlyDictionary<string, JsonElement> Steps);

public sealed record SampleCorrection(string Stage, string Opinion, JsonElement Data);

public sealed record SampleError(string Path, string Code);
