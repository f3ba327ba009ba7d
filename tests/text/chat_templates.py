"""Chat templates of the kinds in use, as their makers publish them, shortened; and ones that are read in other ways."""

CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
LLAMA2 = (
    "{% if messages[0].role == 'system' %}{% set turns = messages[1:] %}{% set system = messages[0].content %}"
    "{% else %}{% set turns = messages %}{% set system = false %}{% endif %}"
    "{% for message in turns %}{% if (message.role == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}"
    "{% if loop.index0 == 0 and system != false %}"
    "{% set content = '<<SYS>>\n' + system + '\n<</SYS>>\n\n' + message.content %}"
    "{% else %}{% set content = message.content %}{% endif %}"
    "{% if message.role == 'user' %}{{ '<s>[INST] ' + content.strip() + ' [/INST]' }}"
    "{% elif message.role == 'assistant' %}{{ ' ' + content.strip() + ' </s>' }}{% endif %}{% endfor %}"
)
LLAMA3 = (
    "{% for message in messages %}{{ '<|start_header_id|>' + message.role + '<|end_header_id|>\n\n' "
    "+ message.content | trim + '<|eot_id|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}"
)
GEMMA = (
    "{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    "{% for message in messages %}{% if (message.role == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}"
    "{% set role = 'model' if message.role == 'assistant' else message.role %}"
    "{{ '<start_of_turn>' + role + '\n' + message.content | trim + '<end_of_turn>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}"
)
MISTRAL = (
    "{% for message in messages %}{% if (message.role == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}"
    "{% if message.role == 'user' %}{{ '[INST] ' + message.content + ' [/INST]' }}"
    "{% elif message.role == 'assistant' %}{{ message.content + '</s> ' }}"
    "{% else %}{{ raise_exception('Only user and assistant roles are supported!') }}{% endif %}{% endfor %}"
)
PHI = (
    "{% for message in messages %}{% if message.role == 'user' %}"
    "{{ '<|user|>\n' + message.content + '<|end|>\n<|assistant|>\n' }}"
    "{% elif message.role == 'assistant' %}{{ message.content + '<|end|>\n' }}{% endif %}{% endfor %}"
)
QWEN3 = (
    "{% for message in messages %}{% set content = message.content %}"
    "{% if message.role == 'assistant' %}{% set content = content.split('</think>')[-1].lstrip('\n') %}{% endif %}"
    "{{ '<|im_start|>' + message.role + '\n' + content + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}"
    "{% if enable_thinking is defined and enable_thinking is false %}{{ '<think>\n\n</think>\n\n' }}{% endif %}"
    "{% endif %}"
)
DEEPSEEK = (
    "{% set ns = namespace(system='') %}{% for message in messages %}"
    "{% if message.role == 'system' %}{% set ns.system = message.content %}{% endif %}{% endfor %}{{ ns.system }}"
    "{% for message in messages %}{% if message.role == 'user' %}{{ '<｜User｜>' + message.content }}"
    "{% elif message.role == 'assistant' %}"
    "{{ '<｜Assistant｜>' + message.content.split('</think>')[-1] + '<｜end▁of▁sentence｜>' }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<｜Assistant｜><think>\n' }}{% endif %}"
)
IN_USE = {
    "chatml": CHATML,
    "llama2": LLAMA2,
    "llama3": LLAMA3,
    "gemma": GEMMA,
    "mistral": MISTRAL,
    "phi": PHI,
    "qwen3": QWEN3,
    "deepseek": DEEPSEEK,
}
MARKERS = {
    "chatml": ["<|im_start|>", "<|im_end|>"],
    "llama2": ["<s>", "</s>"],
    "llama3": ["<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"],
    "gemma": ["<start_of_turn>", "<end_of_turn>"],
    "mistral": ["[INST]", "[/INST]", "</s>"],
    "phi": ["<|user|>", "<|end|>", "<|assistant|>"],
    "qwen3": ["<|im_start|>", "<|im_end|>"],
    "deepseek": ["<｜User｜>", "<｜Assistant｜>", "<｜end▁of▁sentence｜>"],
}
"""The markers of each template that its tokenizer has as special tokens."""

_PARTS = "{% for part in message.content %}{% if part.type == 'text' %}{{ part.text }}{% endif %}{% endfor %}"
OTHERS = {
    "parts": "{% for message in messages %}{{ message.role + ': ' }}" + _PARTS + "{{ '\n' }}{% endfor %}",
    "any parts": "{% for message in messages %}{{ message.role + ': ' }}"
    "{% for c in message.content %}{{c.text}}{% endfor %}{{ '\n' }}{% endfor %}",
    "parts of the user alone": "{% for message in messages %}{{ message.role + ': ' }}"
    "{% if message.role == 'user' %}"
    + _PARTS
    + "{% else %}{{ message.content | trim }}{% endif %}{{ '\n' }}{% endfor %}",
    "parts without a system": "{% for message in messages if message.role != 'system' %}{{ message.role + ': ' }}"
    + _PARTS
    + "{{ '\n' }}{% endfor %}",
    "parts, or it raises": "{% for message in messages %}{{ message.role + ': ' + message.content[0]['text'] + '\n' }}"
    "{% endfor %}",
    "string or parts": "{% for message in messages %}{{ message.role + ': ' }}{% if message.content is string %}"
    "{{ message.content }}{% else %}" + _PARTS + "{% endif %}{{ '\n' }}{% endfor %}",
    "system as the assistant": "{% for message in messages %}{% if message.role == 'user' %}"
    "{{ 'Q: ' + message.content + '\n' }}{% else %}{{ 'A: ' + message.content + '\n' }}{% endif %}{% endfor %}",
    "system as a user": "{% for message in messages %}{% if message.role == 'assistant' %}"
    "{{ 'A: ' + message.content + '\n' }}{% else %}{{ 'Q: ' + message.content + '\n' }}{% endif %}{% endfor %}",
    "first message": "{{ 'Q: ' + messages[0].content + '\nA: ' }}",
    "last message": "{{ 'Q: ' + messages[-1].content + '\nA: ' }}",
    "last user and system": "{% for message in messages %}{% if message.role == 'system' %}{% elif loop.last %}"
    "{{ '[INST] ' + (messages[0].content + '\n\n' if messages[0].role == 'system' else '') }}"
    "{{ message.content + '[/INST]' }}"
    "{% elif message.role == 'user' %}{{ '[INST] ' + message.content + '[/INST]' }}"
    "{% else %}{{ message.content }}{% endif %}{% endfor %}",
    "no user": "{% for message in messages if message.role == 'system' %}{{ message.content }}{% endfor %}",
    "no words": "{% for message in messages %}{{ message.text }}{% endfor %}",
    "upper case": "{% for message in messages %}{{ message.role + ': ' + message.content | upper }}{% endfor %}",
    "it raises": "{{ raise_exception('Bring a document.') }}",
    "broken": "{% for message in messages %}{{ message.content }}",
    "wants tools": "{{ tools | length }}{% for message in messages %}{{ message.content }}{% endfor %}",
}
TEMPLATES = IN_USE | OTHERS
