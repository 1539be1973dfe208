using Polygate.Model;

namespace Polygate.Proxy.Transport.Tls;

/// <summary>Finds which of the bindings for one name counts, and what is wrong with them.</summary>
/// <param name="certificates">By identity.</param>
/// <param name="verifiers">What judges clients.</param>
internal sealed class BindingResolution(IReadOnlyDictionary<string, LoadedCertificate> certificates, ClientVerifiers verifiers)
{
    internal List<Diagnostic> Problems { get; } = [];

    /// <summary>The choice of the first binding; null when there is none.</summary>
    /// <param name="bindings">All for one name, in order of their origins.</param>
    internal TlsChoice? Resolve(IReadOnlyList<TlsBinding> bindings)
    {
        TlsChoice? choice = null;
        foreach (var binding in bindings)
        {
            if (binding.ServerName.Kind == HostPatternKind.Regex)
            {
                Report(binding, "unsupported-server-name", $"A certificate cannot be bound to a regular expression ({binding.ServerName}).");
                continue;
            }

            var other = new TlsChoice(binding, Usable(binding), VerifierOf(binding));
            choice ??= other;
            if ((choice.Binding with { Origin = binding.Origin }) != binding)
            {
                Report(
                    binding,
                    "conflicting-certificate",
                    $"{choice.Binding.Origin} already sets TLS for {binding.ServerName} on {binding.Listener}; this one is not used.");
            }
        }

        return choice;
    }

    private ClientVerifier? VerifierOf(TlsBinding binding)
    {
        if (binding.ClientValidation is not { } validation)
        {
            return null;
        }

        var verifier = verifiers.Of(validation);
        if (verifier.Problem is { } problem)
        {
            Report(binding, "invalid-certificate", $"The authorities {validation.Id} for clients' certificates cannot be used: {problem}");
        }

        return verifier;
    }

    private LoadedCertificate[] Usable(TlsBinding binding)
    {
        var usable = new List<LoadedCertificate>(binding.Certificates.Count);
        foreach (var id in binding.Certificates)
        {
            if (!certificates.TryGetValue(id, out var certificate))
            {
                Report(binding, "missing-certificate", $"Certificate {id} does not exist.");
            }
            else if (certificate.Error is { } error)
            {
                Report(binding, "invalid-certificate", $"Certificate {id} cannot be used: {error}");
            }
            else
            {
                usable.Add(certificate);
            }
        }

        return [.. usable];
    }

    private void Report(TlsBinding binding, string code, string message) =>
        Problems.Add(new Diagnostic(DiagnosticSeverity.Error, code, message, binding.Origin));
}

/// <summary>What judges clients, made once for a validation as long as a binding wants it.</summary>
internal sealed class ClientVerifiers
{
    private readonly Dictionary<ClientValidation, (ClientVerifier Verifier, int Count)> verifiers = [];

    internal ClientVerifier Of(ClientValidation validation) => verifiers[validation].Verifier;

    internal void Want(ClientValidation? validation)
    {
        if (validation is not null)
        {
            verifiers[validation] = verifiers.TryGetValue(validation, out var known) ? (known.Verifier, known.Count + 1) : (new ClientVerifier(validation), 1);
        }
    }

    internal void Unwant(ClientValidation? validation)
    {
        if (validation is not null)
        {
            var (verifier, count) = verifiers[validation];
            verifiers[validation] = (verifier, count - 1);
            if (count == 1)
            {
                verifiers.Remove(validation);
            }
        }
    }
}
