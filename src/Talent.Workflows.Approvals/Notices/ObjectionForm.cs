namespace Talent.Workflows.Approvals.Notices;

/// <summary>What the form holds: whatever was typed comes back with what is wrong with it.</summary>
/// <param name="Token">Ties the form to the browser that it was made for.</param>
public sealed record ObjectionForm(string Token, string? Name = null, string? Contact = null, string? Text = null, string? Fault = null)
{
    /// <summary>Names nobody.</summary>
    public override string ToString() => nameof(ObjectionForm);
}
