using System.Text;
using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.Pipeline;

namespace Polygate.Dialects.GatewayApi.Status;

/// <summary>Reports what conditions say as diagnostics, so that a folder's user sees it too.</summary>
internal static class ConditionDiagnostics
{
    /// <summary>
    /// Reports a problem under its reason (<c>BackendNotFound</c> becomes <c>backend-not-found</c>): as an error, or as a warning where only a
    /// Secret is missing.
    /// </summary>
    public static void Report(this TranslationContext context, Problem problem)
    {
        var code = problem.Code ?? Code(problem.Reason);
        if (problem.IsAbsentSecret)
        {
            context.Warning(code, problem.Message, problem.Field);
            return;
        }

        context.Error(code, problem.Message, problem.Field);
    }

    private static string Code(string reason)
    {
        var code = new StringBuilder(reason.Length + 4);
        for (var i = 0; i < reason.Length; i++)
        {
            var starts = i > 0 && char.IsUpper(reason[i])
                && (char.IsLower(reason[i - 1]) || (i + 1 < reason.Length && char.IsLower(reason[i + 1])));
            if (starts)
            {
                code.Append('-');
            }

            code.Append(char.ToLowerInvariant(reason[i]));
        }

        return code.ToString();
    }
}
