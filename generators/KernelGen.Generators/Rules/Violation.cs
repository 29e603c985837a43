using Microsoft.CodeAnalysis;

namespace KernelGen.Generators.Rules;

/// <summary>A broken rule.</summary>
/// <param name="Descriptor">Which.</param>
/// <param name="Attribute">The attribute at fault, or null for the struct itself.</param>
/// <param name="Arguments">Fill the message.</param>
internal sealed record Violation(DiagnosticDescriptor Descriptor, string? Attribute, params object[] Arguments);
