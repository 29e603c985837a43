namespace KernelGen.Models;

/// <summary>What becomes of each tensor of a model.</summary>
public sealed class QuantizationPlan
{
    private QuantizationPlan(ModelFile model, ModelContainer container, IReadOnlyList<PlannedTensor> tensors)
    {
        Model = model;
        Container = container;
        Tensors = tensors;
    }

    /// <summary>The model.</summary>
    public ModelFile Model { get; }

    /// <summary>The container that is to be written.</summary>
    public ModelContainer Container { get; }

    /// <summary>The tensors in the order of the model.</summary>
    public IReadOnlyList<PlannedTensor> Tensors { get; }

    /// <summary>Bytes of all tensors together.</summary>
    public long Bytes => Tensors.Sum(tensor => tensor.Bytes);

    /// <summary>Values of tensors that get another storage, or are quantised already.</summary>
    public long QuantisedCount => Tensors.Where(tensor => !tensor.IsCopied || tensor.Target.IsQuantised).Sum(tensor => tensor.Source.Count);

    /// <summary>A plan that stores every tensor as it is, for another container.</summary>
    /// <param name="model">The model.</param>
    /// <param name="container">The container.</param>
    public static QuantizationPlan Unchanged(ModelFile model, ModelContainer container) =>
        new(model, container, [.. model.Tensors.Select(tensor => Adapted(model, new(tensor, tensor.Storage.AsWritten, "as it is")))]);

    /// <summary>A plan that packs tensors of any size into one format and copies the others.</summary>
    /// <param name="model">The model.</param>
    /// <param name="format">The format.</param>
    /// <param name="names">The tensors; null takes all of two or more dimensions whose values can be read. Vectors are few and mostly
    /// biases and norms.</param>
    /// <exception cref="KeyNotFoundException">There is no tensor of a name.</exception>
    /// <exception cref="ModelFormatException">A tensor that was named cannot be packed.</exception>
    public static QuantizationPlan Packed(ModelFile model, CompressedFormat format, IReadOnlyCollection<string>? names = null)
    {
        RefuseUnread(model);
        HashSet<ModelTensor>? chosen = names is null ? null : [.. names.Select(name => model[name])];
        return new(
            model,
            ModelContainer.Safetensors,
            [
                .. model.Tensors.Select(tensor =>
                {
                    if (!(chosen?.Contains(tensor) ?? IsMatrix(tensor)))
                    {
                        return Kept(tensor, "no matrix");
                    }
                    string? obstacle =
                        tensor.Storage.Dialect is { } dialect
                            ? $"it is {dialect} already; quantising it again adds a second error. Start from the "
                                + $"original, or use quantize --allow-requantize"
                        : tensor.Count == 0 ? $"its shape {tensor.ShapeText} has no values to pack"
                        : Unfit(tensor, format);
                    return obstacle is null
                        ? new PlannedTensor(tensor, TensorStorage.Packed(format), "packed") { Packer = format }
                        : throw new ModelFormatException(tensor.File, $"{obstacle}.", tensor.Name);
                }),
            ]
        );
    }

    private static bool IsMatrix(ModelTensor tensor) =>
        tensor.Storage.IsReadable && tensor.Shape.Count >= 2 && tensor.Count > 0 && !Checkpoint.IsPart(tensor.Name);

    /// <summary>A plan that decodes packed tensors to float32 and copies the others.</summary>
    /// <param name="model">The model.</param>
    public static QuantizationPlan Unpacked(ModelFile model) =>
        new(
            model,
            ModelContainer.Safetensors,
            [
                .. model.Tensors.Select(tensor =>
                    tensor.Storage.Format is null
                        ? Kept(tensor, "not packed")
                        : new PlannedTensor(tensor, TensorStorage.Of(SafetensorsDtype.F32), "unpacked")
                ),
            ]
        );

    /// <summary>Applies rules to the tensors of a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="rules">The rules.</param>
    /// <param name="container">The container that is to be written.</param>
    /// <exception cref="QuantizationRuleException">A rule matches no tensor, or cannot be followed; or no tensor can be stored in its
    /// format.</exception>
    public static QuantizationPlan Make(ModelFile model, QuantizationRules rules, ModelContainer container)
    {
        RefuseUnread(model);
        foreach (TensorRule rule in rules.Rules)
        {
            if (!model.Tensors.Any(tensor => rule.Matches(tensor)))
            {
                throw QuantizationRuleException.NothingMatches(model, rule.Pattern);
            }
        }
        PlannedTensor[] tensors = [.. model.Tensors.Select(tensor => Plan(tensor, rules, container))];
        RequireEffect(model, tensors, rules, container);
        return new(model, container, [.. tensors.Select(tensor => Adapted(model, tensor))]);
    }

    /// <summary>Throws if a format was asked for and no tensor can be stored in it: the result would be a copy.</summary>
    private static void RequireEffect(ModelFile model, PlannedTensor[] tensors, QuantizationRules rules, ModelContainer container)
    {
        if (rules.Format is not { } format || tensors.Any(tensor => !tensor.IsCopied || tensor.Target == TensorStorage.Of(format)))
        {
            return;
        }
        foreach (ModelTensor tensor in tensors.Select(tensor => tensor.Source).Where(IsMatrix))
        {
            if (Obstacle(tensor, format, container) is { } obstacle)
            {
                throw new QuantizationRuleException(
                    $"no tensor of {model.Path} can be stored in {format}. {tensor.Name}, for example: {obstacle}."
                );
            }
        }
    }

    /// <summary>llama.cpp computes vectors, which are norms and biases, in float32 only.</summary>
    private static PlannedTensor Adapted(ModelFile model, PlannedTensor planned) =>
        model.IsForLlamaCpp && planned is { IsCopied: true, Source: { Shape.Count: < 2, Storage: { IsReadable: true } } }
            ? new(planned.Source, TensorStorage.Of(SafetensorsDtype.F32), "vector: float32 for llama.cpp")
            : planned;

    /// <summary>Codes that are not understood cannot be quantised again, and the tensors next to them may be their scales.</summary>
    private static void RefuseUnread(ModelFile model)
    {
        if (model.UnreadDialect is { } dialect)
        {
            throw new QuantizationRuleException(
                $"{model.Path} is quantised already, by {ModelFormatException.Shorten(dialect)}, which is not read "
                    + $"here. Start from the original."
            );
        }
    }

    /// <summary>Throws if a checkpoint is quantised by someone else and that is not allowed: before anything else is found wrong with it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="rules">What is allowed.</param>
    /// <exception cref="QuantizationRuleException">It is.</exception>
    public static void RequireOriginal(ModelFile model, QuantizationRules rules)
    {
        RefuseUnread(model);
        if (!rules.AllowRequantise && model.Tensors.FirstOrDefault(tensor => tensor.Storage.Dialect is not null) is { } tensor)
        {
            throw Quantised(tensor);
        }
    }

    private static QuantizationRuleException Quantised(ModelTensor tensor) =>
        new(
            $"{tensor.Name} is {tensor.Storage} already; quantising it again adds a second error. "
                + "Start from the original, or insist with --allow-requantize."
        );

    private static PlannedTensor Plan(ModelTensor tensor, QuantizationRules rules, ModelContainer container)
    {
        TensorRule? rule = rules.Rules.LastOrDefault(rule => rule.Matches(tensor));
        CompressedFormat? format = rule is null ? rules.Format : rule.Format;
        if (format is null)
        {
            return Kept(tensor, rule is null ? "no rule" : $"rule {rule.Pattern}");
        }
        if (tensor.Count == 0)
        {
            return Kept(tensor, "no values");
        }
        if (Checkpoint.IsPart(tensor.Name))
        {
            return Kept(tensor, "a part of quantised weights");
        }
        bool explicitly = rule is not null;
        var target = TensorStorage.Of(format);
        if (tensor.Storage == target)
        {
            return Kept(tensor, $"is {target} already");
        }
        string? obstacle = Obstacle(tensor, format, container);
        if (explicitly || rules.Pure && tensor.Shape.Count >= 2)
        {
            if (obstacle is not null)
            {
                throw new QuantizationRuleException($"{tensor.Name}: {obstacle}. Keep it with --keep, or choose another format for it.");
            }
        }
        else if (((rules.Pure ? null : obstacle) ?? Exempt(tensor, format, rules)) is { } reason)
        {
            return Kept(tensor, reason);
        }
        if (tensor.Storage.IsQuantised && !rules.AllowRequantise)
        {
            throw Quantised(tensor);
        }
        return new(tensor, target, explicitly ? $"rule {rule!.Pattern}" : "format for all") { Packer = format };
    }

    private static string? Obstacle(ModelTensor tensor, CompressedFormat format, ModelContainer container) =>
        Unfit(tensor, format) ?? (container == ModelContainer.Gguf ? TensorStorage.Of(format).WhyNotGguf(tensor.Shape) : null);

    private static string? Unfit(ModelTensor tensor, CompressedFormat format)
    {
        if (!tensor.Storage.IsReadable)
        {
            return $"its values are {tensor.Storage}, which are not read as numbers here";
        }
        return PackedSize.Of(format.Info, tensor.Rows, tensor.Columns) is null
            ? $"{tensor.ShapeText} in {format} is more than one array can hold"
            : null;
    }

    /// <summary>Why a tensor that no rule names is kept; null if it is not.</summary>
    private static string? Exempt(ModelTensor tensor, CompressedFormat format, QuantizationRules rules)
    {
        if (tensor.Shape.Count < 2)
        {
            return "vector";
        }
        if (rules.Pure)
        {
            return null;
        }
        if (tensor.Count < QuantizationRules.FewestValues)
        {
            return "small";
        }
        return tensor.Storage is { IsQuantised: false } && TensorStorage.Of(format).BytesOf(tensor) >= tensor.Bytes
            ? $"{format} would not be smaller"
            : null;
    }

    private static PlannedTensor Kept(ModelTensor tensor, string reason) => new(tensor, tensor.Storage.AsWritten, $"kept: {reason}");
}

/// <summary>Rules cannot be followed: one matches nothing, or asks for what is not possible.</summary>
/// <param name="message">What is wrong and what would be right.</param>
public sealed class QuantizationRuleException(string message) : Exception(message)
{
    internal static QuantizationRuleException NothingMatches(ModelFile model, string pattern) =>
        new($"no tensor of {model.Path} matches '{pattern}'. {NearestName.Sentence(pattern, model.Tensors.Select(tensor => tensor.Name))}");
}
