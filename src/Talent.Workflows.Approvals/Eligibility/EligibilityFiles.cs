using System.Security.Cryptography;
using System.Text;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;

namespace Talent.Workflows.Approvals.Eligibility;

/// <summary>Reads <c>conditions.json</c> and <c>questionnaire.json</c> of a service's folder.</summary>
public static class EligibilityFiles
{
    /// <param name="form">The service's form; null: fields aren't looked at.</param>
    /// <param name="files">Takes the bytes that were read, by name.</param>
    /// <returns>Null: the service has neither.</returns>
    /// <exception cref="ContentException">They can't be used; every error names file and path, and what to do.</exception>
    public static EligibilityRules? Read(string folder, Form? form, IDictionary<string, byte[]> files)
    {
        var asks = File.Exists(Path.Combine(folder, QuestionnaireCheck.FileName));
        if (!File.Exists(Path.Combine(folder, RulesBinder.FileName)))
            return asks ? throw new ContentException(QuestionnaireCheck.FileName, "$", $"its results name conditions, so the folder needs a {RulesBinder.FileName}") : null;
        var conditions = files[RulesBinder.FileName] = File.ReadAllBytes(Path.Combine(folder, RulesBinder.FileName));
        var questions = asks ? files[QuestionnaireCheck.FileName] = File.ReadAllBytes(Path.Combine(folder, QuestionnaireCheck.FileName)) : null;
        var file = ContentFile.Parse<EligibilityFile>(RulesBinder.FileName, conditions);
        return EligibilityRules.Bind(file, questions is null ? null : ContentFile.Parse<QuestionnaireFile>(QuestionnaireCheck.FileName, questions), form, Version(conditions, questions ?? []));
    }

    // Line ends are left out, so that a checkout on another system has the same version.
    private static string Version(byte[] conditions, byte[] questions) =>
        Convert.ToHexStringLower(SHA256.HashData([.. conditions.Where(b => b != (byte)'\r'), .. Encoding.UTF8.GetBytes("\n\n"), .. questions.Where(b => b != (byte)'\r')]));
}
